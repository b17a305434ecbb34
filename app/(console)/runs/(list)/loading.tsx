import { RowsSkeleton } from "#components/layout/rows-skeleton";

export default function RunsLoading() {
  return <RowsSkeleton title="Runs" label="Loading runs" />;
}
