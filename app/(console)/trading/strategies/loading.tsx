import { RowsSkeleton } from "#components/layout/rows-skeleton";
import { DeskTabs } from "#components/trading/desk-tabs";

export default function StrategiesLoading() {
  return <RowsSkeleton title="Strategies" label="Loading strategies" tabs={<DeskTabs />} hasBar={false} />;
}
