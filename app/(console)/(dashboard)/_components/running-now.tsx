import Link from "next/link";
import { runsOf } from "#components/filters/filter-href";
import { Elapsed } from "#components/layout/clock";
import { RunProgress } from "#components/runs/run-progress";
import { buttonClass } from "#components/ui/button";
import { Section } from "#components/ui/section";
import type { Ctx } from "#lib/ctx";
import { ask } from "#lib/filters/edit";
import { EVERY_RUN } from "#lib/runs/address";
import { listRuns } from "#lib/runs/queries";
import type { Look } from "../dashboard-filter";

const STATUS = "system/pipeline_run.status";
const SHOWN = 6;

/** The runs at work, with how far they are. */
export async function RunningNow({ ctx, look }: { ctx: Ctx; look: Look }) {
  const tree = ask(look.tree, STATUS, { value_equals: { key: STATUS, value: "running" } });
  const { rows, nextCursor } = await listRuns(ctx, { ...EVERY_RUN, tree, limit: SHOWN });
  return (
    <Section title="Running now" actions={nextCursor && <Link href={runsOf(tree)} className={buttonClass("quiet", "sm")}>Show all</Link>}>
      {rows.length === 0 ? (
        <p className="px-4 pb-4 text-ink-soft sm:px-6">Nothing is running.</p>
      ) : (
        <ul className="grid gap-4 px-4 pb-4 sm:px-6">
          {rows.map((run) => (
            <li key={run.id}>
              <p className="mb-1 flex items-baseline justify-between gap-2">
                <Link href={`/runs/${run.id}`} className="min-w-0 truncate font-semibold hover:underline">
                  {run.stage} <span className="font-mono text-sm font-normal text-accent">#{run.id}</span>
                </Link>
                <span className="shrink-0 text-sm text-ink-soft">
                  <Elapsed durationMs={null} startedAt={run.startedAt} running />
                </span>
              </p>
              <RunProgress run={run} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
