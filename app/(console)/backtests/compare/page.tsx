import { GitCompareArrows } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { z } from "zod";
import { SeriesFigure } from "#components/backtests/series-figure";
import { EmptyState } from "#components/layout/empty-state";
import { PageHeader } from "#components/layout/page-header";
import { buttonClass } from "#components/ui/button";
import { Section } from "#components/ui/section";
import { AppError } from "#lib/errors";
import { getJob, type JobDetail, listJobs, listSimulatedDays, type SimulatedDay } from "#lib/backtests/queries";
import { compareJobs, type Parting } from "#lib/backtests/rules";
import { pageCtx } from "#lib/web/ctx";
import { ChooseJobs } from "../_components/choose-jobs";
import { CompareTable } from "../_components/compare-table";

export const metadata: Metadata = { title: "Compare backtests" };

const Shown = z.object({ a: z.string().max(100).optional().catch(undefined), b: z.string().max(100).optional().catch(undefined) });

export default async function CompareBacktestsPage({ searchParams }: PageProps<"/backtests/compare">) {
  const ctx = await pageCtx();
  const { a, b } = Shown.parse(await searchParams);
  const { rows: jobs } = await listJobs(ctx);
  const [jobA, jobB] = await Promise.all([a, b].map((id) => (id ? orNull(() => getJob(ctx, id)) : null)));
  const missing = [a && !jobA ? a : null, b && !jobB ? b : null].filter((id) => id !== null);
  const days = jobA && jobB ? await Promise.all([listSimulatedDays(ctx, { jobId: jobA.jobId }), listSimulatedDays(ctx, { jobId: jobB.jobId })]) : null;

  return (
    <>
      <PageHeader title="Compare backtests">Two jobs side by side: what each model made of them, and the first day on which it did not do the same.</PageHeader>
      {jobs.length < 2 && !a && !b ? <TooFewJobs /> : <ChooseJobs key={`${a} ${b}`} jobs={jobs} a={a ?? null} b={b ?? null} refused={missing.length > 0 ? `There is no job ${missing.join(" and no job ")}. Finished jobs are deleted after 30 days.` : null} />}
      {jobA && jobB && days && <Compared a={jobA} b={jobB} days={days} />}
    </>
  );
}

function TooFewJobs() {
  return (
    <EmptyState icon={<GitCompareArrows />} title="Fewer than two backtests" action={<Link href="/backtests" className={buttonClass("primary")}>Show the backtests</Link>}>
      Once two jobs are there, what each model made of them stands here side by side.
    </EmptyState>
  );
}

function Compared({ a, b, days: [daysA = [], daysB = []] }: { a: JobDetail; b: JobDetail; days: SimulatedDay[][] }) {
  const rows = compareJobs(daysA, daysB);
  const dates = [...new Set([...daysA, ...daysB].map(({ date }) => date))].toSorted();
  const valuesOf = (days: SimulatedDay[], model: string) => {
    const own = new Map(days.filter((day) => day.model === model).map((day) => [day.date, Math.round(Number(day.endingValue) * 100) / 100]));
    return dates.map((date) => own.get(date) ?? null);
  };
  // Lines of two jobs with ten models each say nothing: the best of the first, in both.
  const shown = rows.slice(0, 5).map(({ model }) => model);
  const series = shown.flatMap((model) => [{ name: `A: ${model}`, values: valuesOf(daysA, model) }, { name: `B: ${model}`, values: valuesOf(daysB, model) }]).filter(({ values }) => values.some((value) => value !== null));
  return (
    <>
      <Section title="Models" note={noteOf(rows)}>
        <CompareTable rows={rows} a={a.jobId} b={b.jobId} />
      </Section>
      {dates.length > 0 && (
        <Section title="Equity" note={rows.length > shown.length ? `the ${shown.length} best of A` : undefined}>
          <SeriesFigure label="Equity of both jobs by date" unit="money" dates={dates} series={series} summary={`${dates[0]} to ${dates.at(-1)}`} />
        </Section>
      )}
      <p className="px-4 pb-6 text-sm sm:px-6">
        <Link href={`/backtests/${a.jobId}`} className="text-accent hover:underline">Open A</Link>, <Link href={`/backtests/${b.jobId}`} className="text-accent hover:underline">open B</Link>
      </p>
    </>
  );
}

function noteOf(rows: Parting[]): string {
  if (!rows.some(({ a, b }) => a && b)) return "the jobs have no model in common";
  if (!rows.some(({ shared }) => shared > 0)) return "the jobs have no day in common";
  const parted = rows.filter(({ partedOn }) => partedOn !== null).length;
  return parted === 0 ? "what both jobs simulated is the same to the cent" : `${parted} did not do the same`;
}

async function orNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AppError && error.code === "NOT_FOUND") return null;
    throw error;
  }
}
