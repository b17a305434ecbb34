import { RowsSkeleton } from "#components/layout/rows-skeleton";
import { AuditTabs } from "#components/llm-calls/audit-tabs";

export default function UsageLoading() {
  return <RowsSkeleton title="AI audit" label="Loading usage" tabs={<AuditTabs />} />;
}
