import { RowsSkeleton } from "#components/layout/rows-skeleton";

export default function BacktestsLoading() {
  return <RowsSkeleton title="Backtests" label="Loading backtests" hasBar={false} />;
}
