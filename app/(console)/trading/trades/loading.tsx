import { RowsSkeleton } from "#components/layout/rows-skeleton";
import { DeskTabs } from "#components/trading/desk-tabs";

export default function TradesLoading() {
  return <RowsSkeleton title="Trades" label="Loading trades" tabs={<DeskTabs />} />;
}
