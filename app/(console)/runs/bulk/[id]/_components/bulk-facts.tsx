import type { ReactNode } from "react";
import { Time } from "#components/layout/clock";
import { StatusMark } from "#components/runs/status-mark";
import { BULK_WORDS } from "#lib/bulk/fields";
import type { BulkDetail } from "#lib/bulk/queries";
import { formatCount } from "#lib/format/number";
import { RUN_STATUSES } from "#lib/runs/rules";

/** Who, when, and what has come of it so far. */
export function BulkFacts({ bulk }: { bulk: BulkDetail }) {
  const made = RUN_STATUSES.filter((status) => bulk.made[status]);
  const done = BULK_WORDS[bulk.kind].done;
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-3 border-t px-4 py-4 text-sm sm:grid-cols-4 sm:px-6 lg:grid-cols-7">
      <Fact label={done.charAt(0).toUpperCase() + done.slice(1)}>{formatCount(bulk.done)}</Fact>
      <Fact label="Left out">{formatCount(bulk.skipped)}</Fact>
      <Fact label="Failed"><span className={bulk.failed > 0 ? "font-medium text-failed" : ""}>{formatCount(bulk.failed)}</span></Fact>
      <Fact label={bulk.status === "aborted" ? "Not touched" : "To do"}>{formatCount(bulk.left)}</Fact>
      <Fact label="By">{bulk.actor}</Fact>
      <Fact label="Begun"><Time date={bulk.startedAt ?? bulk.createdAt} /></Fact>
      {bulk.completedAt && <Fact label={bulk.status === "aborted" ? `Aborted by ${bulk.abortedBy}` : "Ended"}><Time date={bulk.completedAt} /></Fact>}
      {made.length > 0 && (
        <div className="col-span-full">
          <dt className="text-xs font-semibold text-ink-soft">The new runs now</dt>
          <dd className="mt-1 flex flex-wrap gap-x-5 gap-y-1">
            {made.map((status) => <StatusMark key={status} status={status} word={`${formatCount(bulk.made[status] ?? 0)} ${status}`} />)}
          </dd>
        </div>
      )}
    </dl>
  );
}

const Fact = ({ label, children }: { label: string; children: ReactNode }) => (
  <div className="min-w-0">
    <dt className="text-xs font-semibold text-ink-soft">{label}</dt>
    <dd className="mt-0.5 truncate tabular-nums">{children}</dd>
  </div>
);
