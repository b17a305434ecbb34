import Link from "next/link";
import { errorGroupHref } from "#components/errors/errors-href";
import { Time } from "#components/layout/clock";
import { Pager } from "#components/layout/pager";
import { StatusMark } from "#components/runs/status-mark";
import { Section } from "#components/ui/section";
import type { AffectedRun } from "#lib/error-groups/queries";
import { formatCount } from "#lib/format/number";

const CELL = "h-9 border-b px-2 py-1 first:pl-4 last:pr-4 sm:h-8 sm:first:pl-6 sm:last:pr-6";

/** The runs that failed with it and still exist, newest first. */
export function AffectedRuns({ groupId, runs, next, isFirst }: { groupId: number; runs: AffectedRun[]; next: number | null; isFirst: boolean }) {
  return (
    <Section title="Affected runs" note={next === null && isFirst ? runs.length || "none" : undefined}>
      {runs.length === 0 ? (
        <p className="px-4 pb-6 text-ink-soft sm:px-6">{isFirst ? "The runs that failed with it have been deleted since." : "There are no older runs."}</p>
      ) : (
        <table aria-label="Affected runs" className="w-full border-separate border-spacing-0 text-sm">
          <thead>
            <tr className="text-left text-xs text-ink-soft [&>th]:font-semibold">
              <th scope="col" className={CELL}>Run</th>
              <th scope="col" className={CELL}>Status</th>
              <th scope="col" className={`${CELL} text-right sm:pr-8`}>Failures</th>
              <th scope="col" className={`${CELL} max-sm:hidden`}>First</th>
              <th scope="col" className={CELL}>Last</th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.id} className="hover:bg-hover has-[a:focus-visible]:bg-hover">
                <td className={CELL}>
                  <Link href={`/runs/${run.id}?steps=error`} className="-mx-1 inline-flex min-h-6 items-center rounded-sm px-1 font-mono text-accent hover:underline">
                    #{run.id}
                  </Link>
                </td>
                <td className={CELL}><StatusMark status={run.status} /></td>
                <td className={`${CELL} text-right sm:pr-8`}>{formatCount(run.count)}</td>
                <td className={`${CELL} max-sm:hidden`}><Time date={run.firstAt} /></td>
                <td className={CELL}><Time date={run.lastAt} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {(next !== null || !isFirst) && (
        <Pager label="Pages of affected runs" prev={{ href: isFirst ? null : errorGroupHref(groupId), word: "Newest" }} next={{ href: next === null ? null : errorGroupHref(groupId, next), word: "Older" }}>
          {runs.length} {runs.length === 1 ? "run" : "runs"} on this page
        </Pager>
      )}
    </Section>
  );
}
