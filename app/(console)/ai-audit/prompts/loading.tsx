import { RowsSkeleton } from "#components/layout/rows-skeleton";
import { AuditTabs } from "#components/llm-calls/audit-tabs";

export default function PromptsLoading() {
  return <RowsSkeleton title="AI audit" label="Loading prompts" tabs={<AuditTabs />} hasBar={false} />;
}
