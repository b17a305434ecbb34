import { RowsSkeleton } from "#components/layout/rows-skeleton";

export default function AiAuditLoading() {
  return <RowsSkeleton title="AI audit" label="Loading calls" />;
}
