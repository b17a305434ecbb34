import Link from "next/link";
import { Time } from "#components/layout/clock";
import { StatusMark } from "#components/runs/status-mark";
import { Section } from "#components/ui/section";
import type { Ctx } from "#lib/ctx";
import { listFailingStages } from "#lib/stages/queries";
import type { Look } from "../dashboard-filter";

/** Stages whose newest run did not go well. */
export async function FailingNow({ ctx, look }: { ctx: Ctx; look: Look }) {
  const stages = await listFailingStages(ctx, look.resolved);
  return (
    <Section title="Failing now" note={stages.length || undefined}>
      {stages.length === 0 ? (
        <p className="px-4 pb-4 text-ink-soft sm:px-6">No stage: the last run of each went well.</p>
      ) : (
        <ul className="px-4 pb-4 sm:px-6">
          {stages.map((stage) => (
            <li key={`${stage.pipeline}/${stage.stage}`} className="border-t py-2 first:border-t-0">
              <p className="flex flex-wrap items-baseline gap-x-3">
                <StatusMark status={stage.status} />
                <Link href={`/runs/${stage.runId}`} className="font-semibold hover:underline">
                  <span className="font-normal text-ink-soft">{stage.pipeline} / </span>
                  {stage.stage} <span className="font-mono text-sm font-normal text-accent">#{stage.runId}</span>
                </Link>
                <span className="text-sm text-ink-soft">
                  <Time date={stage.completedAt} />
                  {stage.inARow > 1 && <>, {stage.isMore ? "more than " : ""}{stage.inARow} in a row</>}
                </span>
              </p>
              {stage.error && <p className="mt-0.5 line-clamp-2 text-sm break-words text-ink-soft">{stage.error}</p>}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
