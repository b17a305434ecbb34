import { RowsSkeleton } from "#components/layout/rows-skeleton";

export default function Loading() {
  return <RowsSkeleton title="Audit" label="Loading the audit log" />;
}
