import Link from "next/link";
import { Time } from "#components/layout/clock";
import { StatusMark } from "#components/runs/status-mark";
import { buttonClass } from "#components/ui/button";
import { ProgressBar } from "#components/ui/progress-bar";
import type { JobDetail } from "#lib/backtests/queries";
import { isOpenJob } from "#lib/backtests/rules";
import { formatDuration } from "#lib/format/duration";
import { formatCount } from "#lib/format/number";

const someModels = (models: string[]): string => (models.length > 3 ? `${models.slice(0, 3).join(", ")} and ${models.length - 3} more` : models.join(", "));

/** Jobs, newest first: what was asked for, how far it is, and how it ended. */
export function JobList({ jobs, after, isFirst }: { jobs: JobDetail[]; after: string | null; isFirst: boolean }) {
  return (
    <>
      <ul aria-label="Backtests" className="border-t">
        {jobs.map((job) => <JobItem key={job.jobId} job={job} />)}
      </ul>
      {(after || !isFirst) && (
        <nav aria-label="Pages of the list" className="flex gap-2 px-4 py-4 sm:px-6">
          {!isFirst && <Link href="/backtests" className={buttonClass()}>Newest</Link>}
          {after && <Link href={`/backtests?after=${after}`} className={buttonClass()}>Older</Link>}
        </nav>
      )}
    </>
  );
}

function JobItem({ job }: { job: JobDetail }) {
  const { counts, dates } = job;
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const done = total - counts.pending - counts.running;
  return (
    <li className="grid gap-x-6 gap-y-1 border-b px-4 py-3 sm:grid-cols-2 sm:px-6 xl:grid-cols-[minmax(0,5fr)_minmax(0,5fr)_minmax(0,6fr)_minmax(0,4fr)]">
      <div className="min-w-0">
        <h2 className="text-base font-semibold">
          <Link href={`/backtests/${job.jobId}`} className="hover:underline">{dates[0]} to {dates.at(-1)}</Link>
        </h2>
        <p className="truncate font-mono text-sm text-ink-soft">{job.jobId.slice(0, 8)}{job.runId !== null && <>, run #{job.runId}</>}</p>
      </div>
      <p className="min-w-0 text-sm">
        <span className="block">{formatCount(job.models.length)} {job.models.length === 1 ? "model" : "models"}, {formatCount(dates.length)} {dates.length === 1 ? "date" : "dates"}</span>
        <span className="block break-words text-ink-soft">{someModels(job.models)}</span>
      </p>
      <div className="min-w-0 text-sm">
        {isOpenJob(job.status) ? <ProgressBar ratio={total === 0 ? null : done / total} label={`Progress of job ${job.jobId.slice(0, 8)}`} /> : null}
        <p className="text-ink-soft">
          {formatCount(counts.completed)} of {formatCount(total)} model-days
          {counts.failed > 0 && <span className="font-medium text-failed">, {formatCount(counts.failed)} failed</span>}
          {counts.skipped > 0 && <>, {formatCount(counts.skipped)} skipped</>}
        </p>
        {job.error && <p className="break-words text-failed">{job.error}</p>}
      </div>
      <p className="text-sm">
        <StatusMark status={job.status} />
        <span className="block text-ink-soft">
          <Time date={job.createdAt} />
          {job.totalDurationSeconds !== null && <>, took {formatDuration(job.totalDurationSeconds * 1_000)}</>}
        </span>
      </p>
    </li>
  );
}
