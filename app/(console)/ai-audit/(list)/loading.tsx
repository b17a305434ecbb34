import { RowsSkeleton } from "#components/layout/rows-skeleton";
import { AuditTabs } from "#components/llm-calls/audit-tabs";

export default function AiAuditLoading() {
  return <RowsSkeleton title="AI audit" label="Loading calls" tabs={<AuditTabs />} />;
}
