import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { filterHref, runsOf } from "#components/filters/filter-href";
import { Time } from "#components/layout/clock";
import { callsOf } from "#components/llm-calls/calls-href";
import { StatusMark } from "#components/runs/status-mark";
import type { Ctx } from "#lib/ctx";
import { anyOf, ask, callsTree } from "#lib/filters/edit";
import type { FilterTree } from "#lib/filters/filter";
import { formatDuration } from "#lib/format/duration";
import { formatCount, formatPercent, formatUsd } from "#lib/format/number";
import { RUN_STATUSES, type RunStatus } from "#lib/runs/rules";
import { getCachedRunStats, type StatsRow } from "#lib/stats/queries";
import type { Look } from "../dashboard-filter";

const STATUS = "system/pipeline_run.status";
const SUCCESS_OF: RunStatus[] = ["completed", "hold", "partial", "failed"];

/** The state of things in figures; each leads to the runs that it is made of. */
export async function StatCards({ ctx, look }: { ctx: Ctx; look: Look }) {
  const [stats, before] = await Promise.all([
    getCachedRunStats(ctx, { by: null, tree: look.resolved }),
    look.before ? getCachedRunStats(ctx, { by: null, tree: look.before }) : null,
  ]);
  const narrowed = (key: string, values: string[]): FilterTree | null => ask(look.tree, key, anyOf(key, values));
  const { durationMs } = stats;
  return (
    <section aria-label="Figures" className="px-4 py-4 sm:px-6">
      <dl className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-3 xl:grid-cols-6">
        <Card name="Runs" href={runsOf(look.tree)} figure={formatCount(stats.total)} trend={trendOf(stats, before, ({ total }) => total)} />
        <Card name="Success rate" href={runsOf(narrowed(STATUS, SUCCESS_OF))} figure={stats.successRate === null ? "–" : formatPercent(stats.successRate)} trend={pointsOf(stats, before)} />
        <Card name="Duration p95" href={filterHref({ path: "/runs", rest: "sort=-duration" }, look.tree)} figure={durationMs ? `${durationMs.isEstimate ? "≈\u2009" : ""}${formatDuration(durationMs.p95)}` : "–"} trend={durationMs ? `p50 ${formatDuration(durationMs.p50)}` : null} />
        <Card name="Items" href={filterHref({ path: "/runs", rest: "sort=-items" }, look.tree)} figure={formatCount(stats.itemsProcessed)} trend={stats.itemsFailed > 0 ? `${formatCount(stats.itemsFailed)} failed` : trendOf(stats, before, ({ itemsProcessed }) => itemsProcessed)} />
        <Card name="LLM cost" of="calls" href={callsOf(callsTree(look.tree))} figure={stats.llmCostUsd === null ? "–" : formatUsd(stats.llmCostUsd)} trend={stats.llmCalls > 0 ? `${formatCount(stats.llmCalls)} calls` : null} />
        <Card name="Failed" href={runsOf(narrowed(STATUS, ["failed"]))} figure={formatCount(stats.counts.failed ?? 0)} trend={trendOf(stats, before, ({ counts }) => counts.failed ?? 0)} isBad={(stats.counts.failed ?? 0) > 0} />
      </dl>
      <div className="mt-4 flex flex-wrap items-center gap-x-5 gap-y-1 text-sm">
        {RUN_STATUSES.map((status) => (
          <Link key={status} href={runsOf(narrowed(STATUS, [status]))} className="inline-flex min-h-6 items-center gap-2 rounded-sm hover:underline">
            <StatusMark status={status} />
            <span className="font-medium">{formatCount(stats.counts[status] ?? 0)}</span>
          </Link>
        ))}
        <span className="ml-auto text-xs text-ink-soft">
          Counted <Time date={stats.asOf} />
        </span>
      </div>
    </section>
  );
}

function Card({ name, href, figure, trend, of = "runs", isBad = false }: { name: string; href: Route; figure: string; trend: ReactNode; /** What it leads to. */ of?: string; isBad?: boolean }) {
  return (
    <div className="min-w-0">
      <dt className="text-sm text-ink-soft">{name}</dt>
      <dd>
        <Link href={href} className={`block truncate text-figure font-semibold hover:underline ${isBad ? "text-failed" : ""}`} aria-label={`${name}: ${figure}. Show these ${of}`}>
          {figure}
        </Link>
        <span className="block min-h-4 truncate text-xs text-ink-soft">{trend}</span>
      </dd>
    </div>
  );
}


function trendOf(now: StatsRow, before: StatsRow | null, figure: (row: StatsRow) => number): string | null {
  if (!before) return null;
  const [is, was] = [figure(now), figure(before)];
  if (was === 0) return is === 0 ? null : "none in the time before";
  const change = Math.round((is / was - 1) * 100);
  return `${change > 0 ? "+" : change < 0 ? "−" : "±"}${Math.abs(change)} % on the time before`;
}

function pointsOf(now: StatsRow, before: StatsRow | null): string | null {
  if (!before || now.successRate === null || before.successRate === null) return null;
  const points = Math.round((now.successRate - before.successRate) * 100);
  return `${points > 0 ? "+" : points < 0 ? "−" : "±"}${Math.abs(points)} points on the time before`;
}
