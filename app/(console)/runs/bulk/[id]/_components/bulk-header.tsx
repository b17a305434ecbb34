import Link from "next/link";
import { IfMay } from "#components/access";
import { BulkMark } from "#components/runs/bulk-mark";
import { buttonClass } from "#components/ui/button";
import { ProgressBar } from "#components/ui/progress-bar";
import { BULK_WORDS, isOpen } from "#lib/bulk/fields";
import type { BulkDetail } from "#lib/bulk/queries";
import { formatDuration } from "#lib/format/duration";
import { formatCount, formatRate } from "#lib/format/number";
import { abortBulkAction } from "../../actions";
import { AbortButton } from "./abort-button";

/** What is being done to how many, how far it is, and the way to stop it. */
export function BulkHeader({ bulk }: { bulk: BulkDetail }) {
  const { verb, done } = BULK_WORDS[bulk.kind];
  const open = isOpen(bulk.status);
  // Runs that it never fitted are told of below; nothing is to be done about them.
  const whole = bulk.total - bulk.leftOut;
  const through = whole - bulk.left;
  return (
    <div className="px-4 pt-5 pb-4 sm:px-6">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h1 className="flex flex-wrap items-center gap-x-3 gap-y-1 text-title font-semibold">
            {verb} {formatCount(whole)} {whole === 1 ? "run" : "runs"}
            <BulkMark status={bulk.status} className="text-base" />
          </h1>
          <p className="mt-1 text-ink-soft">
            Bulk action <span className="font-mono">{bulk.id}</span> on{" "}
            <Link href={bulk.query ? `/runs?${bulk.query}` : "/runs"} className="font-mono text-sm break-all text-accent hover:underline">
              {bulk.query ? decodeURIComponent(bulk.query.replaceAll("+", " ")) : "every run"}
            </Link>
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          <Link href="/runs/bulk" className={buttonClass("plain")}>All bulk actions</Link>
          {open && <IfMay permission="runs.cancel"><AbortButton id={bulk.id} verb={verb} done={done} left={bulk.left} abort={abortBulkAction} /></IfMay>}
        </div>
      </div>
      <div className="mt-4 max-w-2xl">
        <ProgressBar ratio={whole === 0 ? 1 : through / whole} label={`Progress of bulk action ${bulk.id}`} colour={bulk.status === "completed" ? "bg-completed" : bulk.status === "failed" ? "bg-failed" : "bg-running"} />
        <p className="mt-1.5 flex flex-wrap gap-x-3 text-sm text-ink-soft tabular-nums">
          <span>{formatCount(through)} of {formatCount(whole)}</span>
          {open && <span>{bulk.pace === null ? `up to ${bulk.rate}/s` : `${formatRate(bulk.pace)}, up to ${bulk.rate}/s`}</span>}
          {open && bulk.etaMs !== null && bulk.left > 0 && <span>about {formatDuration(Math.max(1_000, Math.round(bulk.etaMs / 1_000) * 1_000)).replace(/\.0s$/, "s")} left</span>}
          {bulk.startedAt && bulk.completedAt && <span>in {formatDuration(bulk.completedAt.getTime() - bulk.startedAt.getTime())}</span>}
        </p>
      </div>
    </div>
  );
}
