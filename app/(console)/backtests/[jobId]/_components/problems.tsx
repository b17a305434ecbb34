import { TriangleAlert } from "lucide-react";
import type { JobDetail, ModelDay } from "#lib/backtests/queries";
import { formatCount } from "#lib/format/number";

/** Reasons told one by one; the rest are counted. */
const MOST = 8;

/** Why the job or some of its days failed or were left out: alike reasons together. */
export function Problems({ job, details }: { job: JobDetail; details: ModelDay[] }) {
  const failed = grouped(details.filter(({ status }) => status === "failed"));
  const skipped = grouped(details.filter(({ status }) => status === "skipped"));
  if (job.error === null && failed.length + skipped.length + job.warnings.length === 0) return null;
  return (
    <section aria-label="Warnings" className="mx-4 mb-4 rounded-md border bg-partial-wash px-3 py-2 text-sm sm:mx-6">
      {job.error && <p className="font-medium break-words text-failed">{job.error}</p>}
      {failed.slice(0, MOST).map(([reason, days]) => (
        <p key={reason} className="break-words"><span className="font-medium text-failed">{formatCount(days.length)} failed</span> ({where(days)}): {reason}</p>
      ))}
      {job.warnings.map((warning) => (
        <p key={warning} className="flex gap-1.5 break-words"><TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-partial" /> {warning}</p>
      ))}
      {skipped.length > 0 && (
        <details>
          <summary className="min-h-6">{formatCount(skipped.reduce((sum, [, days]) => sum + days.length, 0))} model-days skipped, and why</summary>
          {skipped.slice(0, MOST).map(([reason, days]) => <p key={reason} className="break-words text-ink-soft">{formatCount(days.length)} ({where(days)}): {reason}</p>)}
          {skipped.length > MOST && <p className="text-ink-soft">and {skipped.length - MOST} more reasons</p>}
        </details>
      )}
    </section>
  );
}

const grouped = (days: ModelDay[]): [string, ModelDay[]][] => [...Map.groupBy(days, ({ error }) => error ?? "no reason")].toSorted((a, b) => b[1].length - a[1].length);
const where = (days: ModelDay[]): string => (days.length === 1 ? `${days[0]?.date} ${days[0]?.model}` : `${days[0]?.date} to ${days.at(-1)?.date}`);
