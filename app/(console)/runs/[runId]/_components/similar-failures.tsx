import Link from "next/link";
import { Time } from "#components/layout/clock";
import { StatusMark } from "#components/runs/status-mark";
import type { ErrorGroupOfRun } from "#lib/error-groups/queries";
import type { ErrorGroupStatus } from "#lib/error-groups/rules";
import { formatCount } from "#lib/format/number";
import type { RunStatus } from "#lib/runs/rules";

const AS_RUN: Record<ErrorGroupStatus, RunStatus> = { open: "failed", resolved: "completed", ignored: "skipped" };
/** Groups that the block shows; a run fails with few. */
const SHOWN_MAX = 3;

/** Failures like this one: how often, in how many runs, when first and when last. */
export function SimilarFailures({ groups }: { groups: ErrorGroupOfRun[] }) {
  if (groups.length === 0) return null;
  return (
    <div className="min-w-0 text-sm">
      <h3 className="font-semibold">Failures like this</h3>
      <ul className="mt-1">
        {groups.slice(0, SHOWN_MAX).map((group) => (
          <li key={group.id} className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
            <Link href={`/errors/${group.id}`} className="inline-flex min-h-6 min-w-0 items-center font-medium text-accent hover:underline">
              <bdi className="line-clamp-1 max-w-[60ch] [overflow-wrap:anywhere]">{group.errorClass}</bdi>
            </Link>
            <StatusMark status={AS_RUN[group.status]} word={group.status} />
            <span>
              {formatCount(group.count)} {group.count === 1 ? "time" : "times"} in {formatCount(group.runs)} {group.runs === 1 ? "run" : "runs"}
            </span>
            <span className="text-ink-soft">
              first <Time date={group.firstSeen} />, last <Time date={group.lastSeen} />
            </span>
          </li>
        ))}
      </ul>
      {groups.length > SHOWN_MAX && <p className="text-ink-soft">And {groups.length - SHOWN_MAX} more kinds.</p>}
    </div>
  );
}
