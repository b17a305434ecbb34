import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Section } from "#components/ui/section";
import { parseBulkId } from "#lib/api/bulk";
import { getBulk, listBulkRuns } from "#lib/bulk/queries";
import { AppError } from "#lib/errors";
import { formatCount } from "#lib/format/number";
import { pageCtx } from "#lib/web/ctx";
import { BulkShown } from "../bulk-shown";
import { BulkFacts } from "./_components/bulk-facts";
import { BulkHeader } from "./_components/bulk-header";
import { BulkRuns } from "./_components/bulk-runs";
import { RefreshWhileOpen } from "./_components/refresh-while-open";

export async function generateMetadata({ params }: PageProps<"/runs/bulk/[id]">): Promise<Metadata> {
  return { title: `Bulk action ${(await params).id}` };
}

export default async function BulkPage({ params, searchParams }: PageProps<"/runs/bulk/[id]">) {
  const ctx = await pageCtx();
  const { id: idText } = await params;
  const { status, cursor } = BulkShown.parse(await searchParams);
  const bulk = await found(async () => getBulk(ctx, parseBulkId(idText)));
  const { rows, next } = await listBulkRuns(ctx, bulk.id, { status, cursor });
  return (
    <>
      <RefreshWhileOpen status={bulk.status} />
      <BulkHeader bulk={bulk} />
      <BulkFacts bulk={bulk} />
      <Section title="Runs" note={formatCount(bulk.total)}>
        <BulkRuns bulk={bulk} rows={rows} status={status} cursor={cursor} next={next} />
      </Section>
    </>
  );
}

/** The value, or the "not found" page when there is none. */
async function found<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AppError && error.code === "NOT_FOUND") notFound();
    throw error;
  }
}
