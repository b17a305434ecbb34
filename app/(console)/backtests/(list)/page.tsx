import { CandlestickChart, Plus } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { z } from "zod";
import { IfMay } from "#components/access";
import { EmptyState } from "#components/layout/empty-state";
import { PageHeader } from "#components/layout/page-header";
import { buttonClass } from "#components/ui/button";
import { listJobs } from "#lib/backtests/queries";
import { pageCtx } from "#lib/web/ctx";
import { JobList } from "../_components/job-list";

export const metadata: Metadata = { title: "Backtests" };

/** The page of jobs: those made before this one. */
const Shown = z.object({ after: z.uuid().optional().catch(undefined) });

export default async function BacktestsPage({ searchParams }: PageProps<"/backtests">) {
  const shown = Shown.parse(await searchParams);
  const { rows, after } = await listJobs(await pageCtx(), shown.after ? { after: shown.after } : {});
  const begin = (
    <IfMay permission="runs.trigger">
      <Link href="/backtests/new" className={buttonClass("primary")}>
        <Plus aria-hidden className="size-4" /> Start a backtest
      </Link>
    </IfMay>
  );

  return (
    <>
      <PageHeader
        title="Backtests"
        actions={rows.length > 0 && (
          <>
            {rows.length > 1 && <Link href="/backtests/compare" className={buttonClass()}>Compare two</Link>}
            {begin}
          </>
        )}
      >
        Models trade through past days, each with its own portfolio: dates in sequence, the models of a date in parallel.
      </PageHeader>
      {rows.length > 0 ? (
        <JobList jobs={rows} after={after} isFirst={shown.after === undefined} />
      ) : (
        <EmptyState icon={<CandlestickChart />} title="No backtest yet" action={begin}>
          A backtest lets models buy and sell at the open prices of past days, and compares what they made of it. Local strategies need no network.
        </EmptyState>
      )}
    </>
  );
}
