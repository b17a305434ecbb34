import { RowsSkeleton } from "#components/layout/rows-skeleton";

export default function Loading() {
  return <RowsSkeleton title="Bulk actions" label="Loading bulk actions" hasBar={false} />;
}
