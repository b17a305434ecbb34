import { RowsSkeleton } from "#components/layout/rows-skeleton";
import { DeskTabs } from "#components/trading/desk-tabs";

export default function AccountsLoading() {
  return <RowsSkeleton title="Accounts" label="Loading accounts" tabs={<DeskTabs />} hasBar={false} />;
}
