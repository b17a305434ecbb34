"use client";
import { ArrowDownRight, ArrowUpRight } from "lucide-react";
import Link from "next/link";
import { Sparkline } from "#components/charts/sparkline";
import { runsOf } from "#components/filters/filter-href";
import { Time } from "#components/layout/clock";
import { StatusMark } from "#components/runs/status-mark";
import { choose } from "#lib/filters/edit";
import type { FilterTree } from "#lib/filters/filter";
import { formatDuration } from "#lib/format/duration";
import { formatCount, formatPercent } from "#lib/format/number";
import type { StageHealth } from "#lib/stats/queries";

const HEAD = "px-2 py-1.5 font-semibold whitespace-nowrap first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6";
const CELL = "h-10 px-2 first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6";

/** As wide as an arrow, so that figures stand above each other and below their head. */
const TREND_PLACE = <span className="ml-1 inline-block w-3.5" />;

/** One line a stage. Drawn in the browser's part, so that a page sends the figures and not their drawing. */
export function StageTable({ stages, tree }: { stages: StageHealth[]; tree: FilterTree | null }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section aria-label="Health of the stages" tabIndex={0} className="overflow-x-auto pb-4">
      <table className="w-full text-sm">
        <thead className="text-left text-xs text-ink-soft">
          <tr>
            <th scope="col" className={HEAD}>Stage</th>
            <th scope="col" className={`${HEAD} text-right`}>Runs</th>
            <th scope="col" className={`${HEAD} w-40 max-sm:hidden`}><span className="sr-only">Runs over time</span></th>
            <th scope="col" className={`${HEAD} text-right`}>Success{TREND_PLACE}</th>
            <th scope="col" className={`${HEAD} text-right max-md:hidden`}>p50</th>
            <th scope="col" className={`${HEAD} text-right`}>p95{TREND_PLACE}</th>
            <th scope="col" className={HEAD}>Last run</th>
          </tr>
        </thead>
        <tbody>
          {stages.map((stage) => <Row key={`${stage.pipeline}/${stage.stage}`} stage={stage} tree={tree} />)}
        </tbody>
      </table>
    </section>
  );
}

function Row({ stage, tree }: { stage: StageHealth; tree: FilterTree | null }) {
  const { durationMs, before, last, counts } = stage;
  const href = runsOf(choose(choose(tree, "system/pipeline_run.pipeline", stage.pipeline, "include"), "system/pipeline_run.stage", stage.stage, "include"));
  return (
    <tr className="border-t">
      <th scope="row" className={`${CELL} text-left font-normal`}>
        <Link href={href} className="inline-flex min-h-6 items-center gap-1 hover:underline">
          <span className="text-ink-soft max-sm:hidden">{stage.pipeline} /</span>
          <span className="font-semibold">{stage.stage}</span>
        </Link>
      </th>
      <td className={`${CELL} text-right`}>{formatCount(stage.total)}</td>
      <td className={`${CELL} max-sm:hidden`}>
        <Sparkline counts={stage.spark} failed={stage.sparkFailed} label={`${stage.stage}: ${stage.total} runs over this time, ${counts.failed ?? 0} failed`} />
      </td>
      <td className={`${CELL} text-right whitespace-nowrap`}>
        {stage.successRate === null ? "–" : formatPercent(stage.successRate)}
        <Trend is={stage.successRate} was={before.successRate} goodUp atLeast={0.01} />
      </td>
      <td className={`${CELL} text-right max-md:hidden`}>{durationMs ? formatDuration(durationMs.p50) : "–"}</td>
      <td className={`${CELL} text-right whitespace-nowrap`}>
        {durationMs ? formatDuration(durationMs.p95) : "–"}
        <Trend is={durationMs?.p95 ?? null} was={before.durationMs?.p95 ?? null} goodUp={false} atLeast={(before.durationMs?.p95 ?? 0) * 0.1} />
      </td>
      <td className={`${CELL} whitespace-nowrap`}>
        {last ? (
          <Link href={`/runs/${last.id}`} className="inline-flex min-h-6 items-center gap-2 hover:underline">
            <StatusMark status={last.status} />
            <Time date={last.completedAt ?? last.startedAt} className="text-ink-soft max-sm:hidden" />
          </Link>
        ) : (
          "–"
        )}
      </td>
    </tr>
  );
}

/** An arrow when a figure moved by `atLeast`; its colour says whether for the better. */
function Trend({ is, was, goodUp, atLeast }: { is: number | null; was: number | null; goodUp: boolean; atLeast: number }) {
  const moved = is !== null && was !== null && Math.abs(is - was) >= Math.max(atLeast, Number.EPSILON);
  if (!moved) return TREND_PLACE;
  const isUp = is > was;
  const Icon = isUp ? ArrowUpRight : ArrowDownRight;
  return (
    <span className={isUp === goodUp ? "text-completed" : "text-failed"}>
      <Icon aria-hidden className="mb-0.5 ml-1 inline size-3.5" />
      <span className="sr-only">{isUp ? "up" : "down"} on the time before</span>
    </span>
  );
}
