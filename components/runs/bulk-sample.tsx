import type { Answer } from "#components/layout/read-data";
import { StatusMark } from "#components/runs/status-mark";
import { Skeleton } from "#components/ui/skeleton";
import { BULK_WORDS, type BulkKind, UNFIT_REASONS, type UnfitReason } from "#lib/bulk/fields";
import type { BulkPreview } from "#lib/bulk/queries";
import { formatCount } from "#lib/format/number";

/** How many runs an act would reach, which of them for example, and why not the others. */
export function BulkSample({ looked, kind }: { looked: Answer<BulkPreview> | null; kind: BulkKind }) {
  if (!looked) {
    return (
      <div aria-busy className="grid gap-2">
        <p role="status" className="sr-only">Looking which runs match</p>
        <Skeleton className="h-5 w-56" />
        <Skeleton className="h-28" />
      </div>
    );
  }
  if (!looked.ok) return <p role="alert" className="text-failed">The runs could not be looked at: {looked.message}</p>;
  const { count, sample, cannot, limit } = looked.data;
  const reasons = Object.entries(cannot) as [UnfitReason, number][];
  return (
    <div>
      <p role="status" className="font-medium">
        {count === 0 ? `No run that matches can be ${BULK_WORDS[kind].done}.` : `${formatCount(count)} ${count === 1 ? "run" : "runs"} will be ${BULK_WORDS[kind].done}.`}
      </p>
      {reasons.length > 0 && <p className="text-sm text-ink-soft">Left out: {reasons.map(([reason, runs]) => `${formatCount(runs)} ${UNFIT_REASONS[reason]}`).join(", ")}.</p>}
      {count > limit && <p role="alert" className="mt-1 text-sm font-medium text-failed">One go holds {formatCount(limit)} runs. Narrow the filter, by time for instance, and repeat it for the rest.</p>}
      {sample.length > 0 && (
        <ul aria-label="Some of them" className="mt-2 max-h-44 overflow-y-auto rounded-md border text-sm">
          {sample.map((run) => (
            <li key={run.id} className="flex min-h-8 items-center gap-3 border-b px-2 last:border-b-0">
              <span className="w-16 shrink-0 font-mono">#{run.id}</span>
              <span className="min-w-0 flex-1 truncate">{run.pipeline} / {run.stage}</span>
              <StatusMark status={run.status} />
            </li>
          ))}
          {count > sample.length && <li className="px-2 py-1.5 text-ink-soft">… and {formatCount(count - sample.length)} more</li>}
        </ul>
      )}
    </div>
  );
}
