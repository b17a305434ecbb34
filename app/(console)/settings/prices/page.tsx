import type { Metadata } from "next";
import { PageHeader } from "#components/layout/page-header";
import { PriceTable } from "#components/llm-prices/price-table";
import { Section } from "#components/ui/section";
import { listPrices } from "#lib/llm-prices/queries";
import { pageCtx } from "#lib/web/ctx";
import { PriceForm } from "./_components/price-form";

export const metadata: Metadata = { title: "Prices" };

export default async function PricesPage() {
  const prices = await listPrices(await pageCtx("settings.change"));
  return (
    <>
      <PageHeader title="Prices">US dollars per million tokens. A call costs what held when it was made; a price ends where the next one of its model begins, and changes nothing that was.</PageHeader>
      <Section title="Add a price">
        <PriceForm models={[...new Set(prices.map(({ model }) => model))]} />
      </Section>
      <Section title="Every price" note={prices.length}>
        <PriceTable prices={prices} />
      </Section>
    </>
  );
}
