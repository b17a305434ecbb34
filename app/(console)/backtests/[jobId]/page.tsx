import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import { ModelGrid } from "#components/backtests/model-grid";
import { Section } from "#components/ui/section";
import { isHidden } from "#lib/access/rules";
import { AppError } from "#lib/errors";
import { DateText, DAY_LETTERS } from "#lib/backtests/fields";
import { getJob, listModelDays, listSimulatedDays, listTalks } from "#lib/backtests/queries";
import { leaderboard } from "#lib/backtests/rules";
import { pageCtx } from "#lib/web/ctx";
import { Curves } from "./_components/curves";
import { DayPanel } from "./_components/day-panel";
import { HoldingsOverTime } from "./_components/holdings-over-time";
import { JobHeader } from "./_components/job-header";
import { LeaderboardTable } from "./_components/leaderboard-table";
import { Problems } from "./_components/problems";
import { TradeTable } from "./_components/trade-table";

/** The day that is looked at, and the model. What is none shows none. */
const Shown = z.object({ date: DateText.optional().catch(undefined), model: z.string().max(100).optional().catch(undefined) });

/** The job, or the "not found" page; asked for once, by the title and by the page. */
const findJob = cache(async (jobId: string) => {
  const ctx = await pageCtx();
  try {
    return await getJob(ctx, jobId);
  } catch (error) {
    if (error instanceof AppError && error.code === "NOT_FOUND") notFound();
    throw error;
  }
});

export async function generateMetadata({ params }: PageProps<"/backtests/[jobId]">): Promise<Metadata> {
  const { dates } = await findJob((await params).jobId);
  return { title: `Backtest ${dates[0]} to ${dates.at(-1)}` };
}

export default async function JobPage({ params, searchParams }: PageProps<"/backtests/[jobId]">) {
  const job = await findJob((await params).jobId);
  const ctx = await pageCtx();
  const shown = Shown.parse(await searchParams);
  const [details, days] = await Promise.all([listModelDays(ctx, job.jobId), listSimulatedDays(ctx, { jobId: job.jobId })]);
  const ranks = leaderboard(days);
  const model = shown.model !== undefined && job.models.includes(shown.model) ? shown.model : null;
  const chosen = days.find((day) => day.date === shown.date && day.model === model);
  const talk = chosen && !isHidden(ctx) ? (await listTalks(ctx, [chosen.id])).get(chosen.id) : undefined;
  const at = new Map(details.map((detail) => [`${detail.date} ${detail.model}`, detail]));
  const rows = job.models.map((name) => ({
    model: name,
    letters: job.dates.map((date) => DAY_LETTERS[at.get(`${date} ${name}`)?.status ?? "pending"]).join(""),
    returns: job.dates.map((date) => at.get(`${date} ${name}`)?.returnPercent ?? null),
  }));

  return (
    <>
      <JobHeader job={job} />
      <Problems job={job} details={details} />
      <Section title="Model days" note="choose one to see what was decided, and why">
        <ModelGrid path={`/backtests/${job.jobId}`} dates={job.dates} rows={rows} chosen={{ model, date: shown.date ?? null }} />
      </Section>
      {shown.date !== undefined && model !== null && (
        <DayPanel jobId={job.jobId} date={shown.date} model={model} detail={at.get(`${shown.date} ${model}`)} day={chosen} talk={talk} isHidden={isHidden(ctx)} others={days.filter((day) => day.date === shown.date)} />
      )}
      {days.length > 0 && (
        <>
          <Section title="Leaderboard" note="best return first">
            <LeaderboardTable jobId={job.jobId} ranks={ranks} />
          </Section>
          <Curves days={days} models={ranks.map((rank) => rank.model)} />
          <HoldingsOverTime jobId={job.jobId} days={days} model={model ?? ranks[0]?.model ?? ""} models={job.models} />
          <TradeTable days={days} model={model} jobId={job.jobId} />
        </>
      )}
    </>
  );
}
