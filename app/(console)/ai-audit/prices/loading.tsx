import { RowsSkeleton } from "#components/layout/rows-skeleton";
import { AuditTabs } from "#components/llm-calls/audit-tabs";

export default function PricesLoading() {
  return <RowsSkeleton title="AI audit" label="Loading prices" tabs={<AuditTabs />} hasBar={false} />;
}
