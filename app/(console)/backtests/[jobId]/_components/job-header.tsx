import { GitCompare } from "lucide-react";
import Link from "next/link";
import { cancelRunAction } from "../../../runs/actions";
import { IfMay } from "#components/access";
import { Time } from "#components/layout/clock";
import { PageHeader } from "#components/layout/page-header";
import { CancelRunButton } from "#components/runs/cancel-run-button";
import { StatusMark } from "#components/runs/status-mark";
import { buttonClass } from "#components/ui/button";
import { CopyButton } from "#components/ui/copy-button";
import { ProgressBar } from "#components/ui/progress-bar";
import type { JobDetail } from "#lib/backtests/queries";
import { isOpenJob } from "#lib/backtests/rules";
import { formatDuration } from "#lib/format/duration";
import { formatCount } from "#lib/format/number";
import { ExportDays } from "./export-days";

/** What the job is, how far it is, and what can be done with it. */
export function JobHeader({ job }: { job: JobDetail }) {
  const { counts, dates, jobId, runId } = job;
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const done = total - counts.pending - counts.running;
  const isOpen = isOpenJob(job.status);
  return (
    <>
      <PageHeader
        title={<>{dates[0]} to {dates.at(-1)}</>}
        actions={
          <>
            {isOpen && runId !== null && <IfMay permission="runs.cancel"><CancelRunButton run={{ id: runId, stage: "simulate", status: job.status === "pending" ? "pending" : "running", groupId: null }} asked={false} cancelRun={cancelRunAction} /></IfMay>}
            <Link href={`/backtests/compare?a=${jobId}`} className={buttonClass()}><GitCompare aria-hidden className="size-4" /> Compare</Link>
            <ExportDays jobId={jobId} />
          </>
        }
      >
        <span className="flex flex-wrap items-center gap-x-4 gap-y-1">
          <StatusMark status={job.status} />
          <span>{formatCount(job.models.length)} {job.models.length === 1 ? "model" : "models"}, {formatCount(dates.length)} {dates.length === 1 ? "date" : "dates"}, {formatCount(job.symbols.length)} {job.symbols.length === 1 ? "symbol" : "symbols"}</span>
          <span>made <Time date={job.createdAt} /></span>
          {job.totalDurationSeconds !== null && <span>took {formatDuration(job.totalDurationSeconds * 1_000)}</span>}
          {runId !== null && <Link href={`/runs/${runId}`} className="text-accent hover:underline">run #{runId}</Link>}
          <span className="inline-flex items-center gap-1 font-mono text-sm">{jobId.slice(0, 8)} <CopyButton text={jobId} label="Copy the job id" /></span>
        </span>
      </PageHeader>
      <div className="px-4 pb-4 sm:px-6">
        {isOpen && <ProgressBar ratio={total === 0 ? null : done / total} label={`Progress of job ${jobId.slice(0, 8)}`} />}
        <p role="status" className="mt-1.5 flex flex-wrap gap-x-4 text-sm text-ink-soft">
          <span>{formatCount(counts.completed)} of {formatCount(total)} model-days completed</span>
          {counts.running > 0 && <span>{formatCount(counts.running)} running</span>}
          {counts.failed > 0 && <span className="font-medium text-failed">{formatCount(counts.failed)} failed</span>}
          {counts.skipped > 0 && <span>{formatCount(counts.skipped)} skipped</span>}
          {counts.cancelled > 0 && <span>{formatCount(counts.cancelled)} cancelled</span>}
        </p>
      </div>
    </>
  );
}
