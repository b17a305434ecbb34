import { Download, ScrollText } from "lucide-react";
import type { Metadata, Route } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { Time } from "#components/layout/clock";
import { EmptyState } from "#components/layout/empty-state";
import { PageHeader } from "#components/layout/page-header";
import { Pager } from "#components/layout/pager";
import { RowsSkeleton } from "#components/layout/rows-skeleton";
import { type DeskColumn, DeskTable } from "#components/trading/desk-table";
import { buttonClass } from "#components/ui/button";
import { ACTOR_KINDS, type AuditRow } from "#lib/audit/fields";
import { isNarrowed, readAuditFilter, toSearchParams } from "#lib/audit/filter";
import { getAuditChain, listAudit, listAuditWords } from "#lib/audit/queries";
import type { Ctx } from "#lib/ctx";
import { pageCtx } from "#lib/web/ctx";
import { AuditFilterForm } from "./_components/audit-filter-form";
import { ChainLine } from "./_components/chain-line";
import { EntryChanges } from "./_components/entry-changes";
import { EntryObject } from "./_components/entry-object";

export const metadata: Metadata = { title: "Audit" };
const PATH = "/settings/audit";

const COLUMNS: DeskColumn<AuditRow>[] = [
  { head: "When", cell: ({ at }) => <span className="whitespace-nowrap"><Time date={at} /></span>, from: "sm" },
  {
    head: "Who",
    cell: ({ at, actor, actorKind, ip }) => (
      <>
        <span className="font-medium [overflow-wrap:anywhere]">{actor}</span>
        <span className="block text-xs text-ink-soft">{ACTOR_KINDS[actorKind as keyof typeof ACTOR_KINDS] ?? actorKind}{ip && ` from ${ip}`}</span>
        <span className="block text-xs text-ink-soft sm:hidden"><Time date={at} /></span>
      </>
    ),
    className: "max-sm:pl-4",
  },
  {
    head: "Did",
    cell: (row) => (
      <>
        <span className="mr-1 [overflow-wrap:anywhere]">{row.action}</span> <EntryObject object={row.object} />
        <span className="mt-1 block md:hidden"><EntryChanges row={row} /></span>
      </>
    ),
    className: "max-md:pr-4",
  },
  { head: "Changed", cell: (row) => <EntryChanges row={row} />, from: "md", className: "w-[45%]" },
];

/** The log waits inside the page, not by a loading file: whoever may not see it is told so by 403, and a drawing sent before would have said 200. */
export default async function AuditPage({ searchParams }: PageProps<"/settings/audit">) {
  const ctx = await pageCtx("audit.read");
  const asked = new URLSearchParams(Object.entries(await searchParams).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])));
  return (
    <Suspense fallback={<RowsSkeleton title="Audit" label="Loading the audit log" />}>
      <AuditLog ctx={ctx} asked={asked} />
    </Suspense>
  );
}

async function AuditLog({ ctx, asked }: { ctx: Ctx; asked: URLSearchParams }) {
  const { filter, faults } = readAuditFilter(asked);
  const { rows, nextCursor, prevCursor } = await listAudit(ctx, filter);
  const [words, chain] = await Promise.all([listAuditWords(ctx), getAuditChain(ctx)]);
  const query = toSearchParams({ ...filter, cursor: null });
  const hrefOf = (cursor: string | null) => (cursor === null ? null : (`${PATH}?${toSearchParams({ ...filter, cursor })}` as Route));
  const exportHref = (format: string) => `/api/v1/audit/export?${new URLSearchParams([...query].filter(([name]) => name !== "limit").concat([["format", format]]))}`;

  return (
    <>
      <PageHeader
        title="Audit"
        actions={["csv", "ndjson"].map((format) => (
          <a key={format} href={exportHref(format)} download className={buttonClass("plain")}><Download aria-hidden className="size-4" /> {format === "csv" ? "CSV" : "JSON Lines"}</a>
        ))}
      >
        Who did what, when and from where, and what it was before and after. Entries are only added; each carries the hash of the one before it.
      </PageHeader>
      <ChainLine chain={chain} />
      <AuditFilterForm key={query.toString()} filter={filter} words={words} />
      {faults.length > 0 && <p role="alert" className="px-4 pb-3 text-sm font-medium text-failed sm:px-6">Left out, since it cannot be read: {faults.map(({ path, message }) => `${path} ${message}`).join("; ")}.</p>}
      {rows.length > 0 ? (
        <DeskTable label="Audit log" columns={COLUMNS} rows={rows} />
      ) : isNarrowed(filter) ? (
        <EmptyState icon={<ScrollText />} title="No entry matches" action={<Link href={PATH} className={buttonClass("primary")}>Clear the filter</Link>}>Nothing was done that fits all of the filter.</EmptyState>
      ) : (
        <EmptyState icon={<ScrollText />} title="Nothing has been done yet">Every act of a person or a program that changes something is written down here: runs that are started or cancelled, settings, people, keys.</EmptyState>
      )}
      {(nextCursor ?? prevCursor) && <Pager label="Pages of the audit log" prev={{ href: hrefOf(prevCursor), word: "Newer" }} next={{ href: hrefOf(nextCursor), word: "Older" }}>{rows.length} entries</Pager>}
    </>
  );
}
