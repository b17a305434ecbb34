import { ListChecks } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { z } from "zod";
import { Time } from "#components/layout/clock";
import { EmptyState } from "#components/layout/empty-state";
import { PageHeader } from "#components/layout/page-header";
import { BulkMark } from "#components/runs/bulk-mark";
import { buttonClass } from "#components/ui/button";
import { BULK_WORDS } from "#lib/bulk/fields";
import { listBulks } from "#lib/bulk/queries";
import { formatCount } from "#lib/format/number";
import { pageCtx } from "#lib/web/ctx";

export const metadata: Metadata = { title: "Bulk actions" };

const Shown = z.object({ before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional().catch(undefined) });
const CELL = "h-9 border-b px-2 py-1 first:pl-4 last:pr-4 sm:h-8 sm:first:pl-6 sm:last:pr-6";

export default async function BulksPage({ searchParams }: PageProps<"/runs/bulk">) {
  const { before } = Shown.parse(await searchParams);
  const { rows, next } = await listBulks(await pageCtx(), { before });
  return (
    <>
      <PageHeader title="Bulk actions">What was done to every run that matched a filter: by whom, to how many, and how it went.</PageHeader>
      {rows.length === 0 ? (
        <EmptyState icon={<ListChecks />} title="No bulk action yet" action={<Link href="/runs" className={buttonClass("primary")}>Show the runs</Link>}>
          Filter the runs, then choose “Act on all matching” there to retry or cancel them all.
        </EmptyState>
      ) : (
        <table aria-label="Bulk actions" className="w-full table-fixed border-separate border-spacing-0 border-t text-left text-sm">
          <thead>
            <tr className="[&>th]:h-8 [&>th]:border-b [&>th]:px-2 [&>th]:text-xs [&>th]:font-semibold [&>th]:text-ink-soft [&>th:first-child]:pl-4 sm:[&>th:first-child]:pl-6">
              <th scope="col" className="w-40 sm:w-48">What</th>
              <th scope="col" className="w-28">Status</th>
              <th scope="col" className="w-20 text-right">Done</th>
              <th scope="col" className="w-24 text-right max-md:hidden">Left out</th>
              <th scope="col" className="w-20 text-right max-sm:hidden">Failed</th>
              <th scope="col" className="w-40 max-md:hidden [&&]:pl-6">Begun</th>
              <th scope="col" className="w-28 max-lg:hidden">By</th>
              <th scope="col" className="max-lg:hidden">Filter</th>
            </tr>
          </thead>
          <tbody className="tabular-nums">
            {rows.map((bulk) => (
              <tr key={bulk.id} className="hover:bg-hover">
                <td className={CELL}>
                  <Link href={`/runs/bulk/${bulk.id}`} className="inline-flex min-h-6 items-center font-medium text-accent hover:underline">
                    {BULK_WORDS[bulk.kind].verb} {formatCount(bulk.total - bulk.leftOut)} {bulk.total - bulk.leftOut === 1 ? "run" : "runs"}
                  </Link>
                </td>
                <td className={CELL}><BulkMark status={bulk.status} /></td>
                <td className={`${CELL} text-right`}>{formatCount(bulk.done)}</td>
                <td className={`${CELL} text-right max-md:hidden`}>{formatCount(bulk.skipped)}</td>
                <td className={`${CELL} text-right max-sm:hidden ${bulk.failed > 0 ? "font-medium text-failed" : ""}`}>{formatCount(bulk.failed)}</td>
                <td className={`${CELL} whitespace-nowrap pl-6 max-md:hidden`}><Time date={bulk.createdAt} /></td>
                <td className={`${CELL} truncate max-lg:hidden`}>{bulk.actor}</td>
                <td className={`${CELL} truncate font-mono text-xs max-lg:hidden`} title={bulk.query}>{bulk.query || "every run"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {next !== null && <div className="px-4 py-3 sm:px-6"><Link href={`/runs/bulk?before=${next}`} className={buttonClass("plain", "sm")}>Older</Link></div>}
    </>
  );
}
