import { RowsSkeleton } from "#components/layout/rows-skeleton";

export default function ErrorsLoading() {
  return <RowsSkeleton title="Errors" label="Loading errors" />;
}
