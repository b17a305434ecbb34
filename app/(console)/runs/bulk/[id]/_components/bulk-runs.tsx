import type { Route } from "next";
import Link from "next/link";
import { BulkResultMark } from "#components/runs/bulk-mark";
import { StatusMark } from "#components/runs/status-mark";
import { buttonClass } from "#components/ui/button";
import { classNames } from "#components/ui/class-names";
import { BULK_RESULTS, type BulkResult, isOpen } from "#lib/bulk/fields";
import type { BulkDetail, BulkRunRow } from "#lib/bulk/queries";
import { formatCount } from "#lib/format/number";

type Props = { bulk: BulkDetail; rows: BulkRunRow[]; status: BulkResult | undefined; cursor: number | undefined; next: number | null };
const CELL = "h-9 border-b px-2 py-1 align-top first:pl-4 last:pr-4 sm:h-8 sm:first:pl-6 sm:last:pr-6";
const HEAD = "h-8 border-b px-2 text-xs font-semibold text-ink-soft first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6";
const LABELS: Record<BulkResult, string> = { pending: "To do", ok: "Done", skipped: "Left out", failed: "Failed" };

/** What became of each run, by result. */
export function BulkRuns({ bulk, rows, status, cursor, next }: Props) {
  const counts: Record<BulkResult, number> = { pending: bulk.left, ok: bulk.done, skipped: bulk.skipped, failed: bulk.failed };
  const isOver = !isOpen(bulk.status);
  const href = (wanted: BulkResult | undefined, from?: number) => {
    const params = new URLSearchParams({ ...(wanted && { status: wanted }), ...(from !== undefined && { cursor: String(from) }) });
    return `/runs/bulk/${bulk.id}${params.size > 0 ? `?${params}` : ""}` as Route;
  };
  return (
    <>
      <nav aria-label="Results" className="flex flex-wrap gap-1.5 px-4 pb-2 sm:px-6">
        {[undefined, ...BULK_RESULTS].map((one) => (
          <Link key={one ?? "all"} href={href(one)} scroll={false} aria-current={one === status ? "true" : undefined} className={classNames(buttonClass("plain", "sm"), one === status && "bg-accent-wash font-semibold")}>
            {one ? (one === "pending" && isOver ? "Not touched" : LABELS[one]) : "All"} <span className="text-ink-soft tabular-nums">{formatCount(one ? counts[one] : bulk.total)}</span>
          </Link>
        ))}
      </nav>
      {rows.length === 0 ? (
        <p className="border-t px-4 py-8 text-center text-ink-soft sm:px-6">No run here{status ? ": none has this result" : ""}.</p>
      ) : (
        <table aria-label="Runs of this action" className="w-full table-fixed border-separate border-spacing-0 border-t text-left text-sm">
          <thead>
            <tr>
              <th scope="col" className={classNames(HEAD, "w-22 sm:w-26")}>Run</th>
              <th scope="col" className={classNames(HEAD, "w-44 max-md:hidden")}>Stage</th>
              <th scope="col" className={classNames(HEAD, "w-32 max-sm:hidden")}>It is now</th>
              <th scope="col" className={classNames(HEAD, "w-28")}>Result</th>
              {bulk.kind === "retry" && <th scope="col" className={classNames(HEAD, "w-40 sm:w-48")}>New run</th>}
              <th scope="col" className={classNames(HEAD, bulk.kind === "retry" && "max-sm:hidden")}>Why</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => <RunLine key={row.position} row={row} kind={bulk.kind} isOver={isOver} />)}
          </tbody>
        </table>
      )}
      <div className="flex gap-2 px-4 py-3 sm:px-6">
        {cursor !== undefined && <Link href={href(status)} className={buttonClass("plain", "sm")}>First page</Link>}
        {next !== null && <Link href={href(status, next)} className={buttonClass("plain", "sm")}>More runs</Link>}
      </div>
    </>
  );
}

function RunLine({ row, kind, isOver }: { row: BulkRunRow; kind: BulkDetail["kind"]; isOver: boolean }) {
  return (
    <tr className="hover:bg-hover">
      <td className={CELL}><Link href={`/runs/${row.runId}`} className="-my-0.5 inline-block py-0.5 font-mono text-accent hover:underline">#{row.runId}</Link></td>
      <td className={classNames(CELL, "truncate max-md:hidden")}>{row.pipeline} / {row.stage}</td>
      <td className={classNames(CELL, "max-sm:hidden")}><StatusMark status={row.runStatus} /></td>
      <td className={CELL}>
        <BulkResultMark result={row.status} isOver={isOver} />
        {kind === "retry" && row.message && <span className="block text-xs break-words text-ink-soft sm:hidden">{row.message}</span>}
      </td>
      {kind === "retry" && (
        <td className={CELL}>
          {row.newRunId !== null && (
            <Link href={`/runs/${row.newRunId}`} className="-my-0.5 inline-flex flex-wrap items-center gap-x-2 py-0.5 hover:underline">
              <span className="font-mono text-accent">#{row.newRunId}</span>
              {row.newRunStatus && <StatusMark status={row.newRunStatus} />}
            </Link>
          )}
        </td>
      )}
      <td className={classNames(CELL, "break-words text-ink-soft", kind === "retry" && "max-sm:hidden")}>{row.message}</td>
    </tr>
  );
}
