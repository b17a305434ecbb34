import type { Metadata } from "next";
import { PageHeader } from "#components/layout/page-header";
import { PriceTable } from "#components/llm-prices/price-table";
import { AuditTabs } from "#components/llm-calls/audit-tabs";
import { listPrices } from "#lib/llm-prices/queries";
import { pageCtx } from "#lib/web/ctx";

export const metadata: Metadata = { title: "LLM prices" };

export default async function PricesPage() {
  const prices = await listPrices(await pageCtx());
  return (
    <>
      <PageHeader title="AI audit">
        US dollars per million tokens. A call costs what held when it was made; a new price changes nothing that was. Enter one with <code className="font-mono text-sm">./penstock llm price</code>.
      </PageHeader>
      <AuditTabs />
      <PriceTable prices={prices} />
    </>
  );
}
