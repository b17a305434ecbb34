import type { Metadata } from "next";
import { Suspense } from "react";
import { RunsOverTime } from "#components/charts/runs-over-time";
import { FilterBar } from "#components/filters/filter-bar";
import type { FilteredPage } from "#components/filters/filter-href";
import { PageHeader } from "#components/layout/page-header";
import { Section } from "#components/ui/section";
import { Skeleton } from "#components/ui/skeleton";
import type { Ctx } from "#lib/ctx";
import { findDemo } from "#lib/demo/queries";
import { listStageNames } from "#lib/facets/queries";
import { readRunsFilter } from "#lib/runs/filter";
import { findFirstRun } from "#lib/runs/queries";
import { getRunSeries } from "#lib/stats/queries";
import { pageCtx } from "#lib/web/ctx";
import { DemoBanner } from "./_components/demo-banner";
import { FailingNow } from "./_components/failing-now";
import { LatestActivity } from "./_components/latest-activity";
import { NothingYet } from "./_components/nothing-yet";
import { OpenErrors } from "./_components/open-errors";
import { RunningNow } from "./_components/running-now";
import { StageHealthStrip } from "./_components/stage-health";
import { StatCards } from "./_components/stat-cards";
import { removeDemoAction } from "./actions";
import { type Look, lookAt } from "./dashboard-filter";

export const metadata: Metadata = { title: "Dashboard" };

const HERE: FilteredPage = { path: "/" };

export default async function DashboardPage({ searchParams }: PageProps<"/">) {
  const ctx = await pageCtx();
  const { filter, faults } = readRunsFilter(await searchParams);
  const [first, choices, demo] = await Promise.all([findFirstRun(ctx), listStageNames(ctx), findDemo(ctx)]);
  if (!first) return <NothingYet />;
  const look = lookAt(filter.tree, ctx.actor.name, first, toTheMinute(Date.now()));
  return (
    <>
      <PageHeader title="Dashboard" />
      {demo && <DemoBanner demo={demo} removeDemo={removeDemoAction} />}
      <div className="sticky top-(--top-bar) z-10 border-t bg-ground">
        <FilterBar tree={filter.tree} page={HERE} choices={choices} faults={faults} />
      </div>
      {/* All at once: what comes in pieces pushes the pieces below it. */}
      <Suspense fallback={<Skeleton className="mx-4 my-4 h-[80dvh] sm:mx-6" />}>
        <StatCards ctx={ctx} look={look} />
        <div className="grid xl:grid-cols-[minmax(0,1fr)_24rem]">
          <div className="min-w-0">
            <Section title="Runs over time" note={<span className="text-xs">by when they were triggered<span className="max-lg:hidden">; drag over bars to narrow the time</span></span>}>
              <OverTime ctx={ctx} look={look} />
            </Section>
            <StageHealthStrip ctx={ctx} look={look} />
          </div>
          <div className="min-w-0 xl:border-l">
            <RunningNow ctx={ctx} look={look} />
            <FailingNow ctx={ctx} look={look} />
            <OpenErrors ctx={ctx} look={look} />
            <LatestActivity ctx={ctx} look={look} />
          </div>
        </div>
      </Suspense>
    </>
  );
}

const MINUTE_MS = 60_000;
/** Whoever looks within the same minute asks the same questions, which are answered once. */
const toTheMinute = (nowMs: number): Date => new Date(Math.ceil(nowMs / MINUTE_MS) * MINUTE_MS);

async function OverTime({ ctx, look }: { ctx: Ctx; look: Look }) {
  const { bucketMs, buckets } = await getRunSeries(ctx, { tree: look.resolved, from: look.from, to: look.to });
  return <RunsOverTime buckets={buckets.map(({ start, ...bucket }) => ({ start: start.getTime(), ...bucket }))} bucketMs={bucketMs} tree={look.tree} page={HERE} />;
}
