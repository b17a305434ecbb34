import Link from "next/link";
import type { ReactNode } from "react";
import { Elapsed, FullTime } from "#components/layout/clock";
import { ItemsCount } from "#components/runs/items-count";
import { classNames } from "#components/ui/class-names";
import { formatCount } from "#lib/format/number";
import type { RunDetail } from "#lib/runs/queries";
import { describeRules } from "#lib/stages/rules";

/** What is known of a run at a glance. */
export function RunFacts({ run }: { run: RunDetail }) {
  const rules = describeRules(run.configSnapshot);
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-3 border-t px-4 py-4 text-sm sm:grid-cols-3 sm:px-6 lg:grid-cols-4 xl:grid-cols-6">
      <Fact name="Created"><FullTime date={run.createdAt} /></Fact>
      <Fact name="Started"><FullTime date={run.startedAt} /></Fact>
      <Fact name="Completed"><FullTime date={run.completedAt} /></Fact>
      <Fact name="Duration"><Elapsed durationMs={run.durationMs} startedAt={run.startedAt} running={run.status === "running"} /></Fact>
      <Fact name="Items"><ItemsCount run={run} /></Fact>
      <Fact name="Units">
        {formatCount(run.unitsDone)} of {formatCount(run.unitsTotal)} done
        {run.unitsFailed > 0 && <span className="font-medium text-failed"> · {formatCount(run.unitsFailed)} failed</span>}
      </Fact>
      <Fact name="Triggered by">
        {run.triggeredBy}
        {run.createdBy && run.createdBy !== run.triggeredBy && <span className="text-ink-soft"> · {run.createdBy}</span>}
      </Fact>
      {rules !== null && <Fact name="Limits">{rules}</Fact>}
      {run.cancelRequestedAt && <Fact name="Cancel asked"><FullTime date={run.cancelRequestedAt} /></Fact>}
      {run.externalId && <Fact name="External id"><span className="font-mono break-all">{run.externalId}</span></Fact>}
      {[...Map.groupBy(run.subjects, ([name]) => name)].map(([name, found]) => (
        <Fact key={name} name={name} className={found.length > 3 ? "col-span-full" : undefined}>
          <ul className="flex flex-wrap gap-x-3">
            {found.map(([, value]) => (
              <li key={value}>
                <Link href={`/runs?subject.${encodeURIComponent(name)}=${encodeURIComponent(value)}`} className="inline-block min-h-6 leading-6 text-accent [overflow-wrap:anywhere] hover:underline">
                  <bdi>{value}</bdi>
                </Link>
              </li>
            ))}
          </ul>
        </Fact>
      ))}
    </dl>
  );
}

function Fact({ name, className, children }: { name: string; className?: string; children: ReactNode }) {
  return (
    <div className={classNames("min-w-0", className)}>
      <dt className="text-xs font-semibold text-ink-soft first-letter:uppercase">{name}</dt>
      <dd className="mt-0.5 break-words">{children}</dd>
    </div>
  );
}
