import { setTimeout as sleep } from "node:timers/promises";
import type { Ctx } from "#lib/ctx";
import { formatDuration } from "#lib/format/duration";
import { formatCount } from "#lib/format/number";
import type { JobDetail, ModelDay } from "#lib/backtests/queries";
import { isOpenJob } from "#lib/backtests/rules";
import { EXIT, type Io } from "./command.ts";
import { unlessAborted } from "./database.ts";
import { Interrupted } from "./io.ts";
import { isOutage } from "./outage.ts";
import { openCanvas } from "./progress.ts";
import { paint, printMark, printStatus } from "./style.ts";

/** How often the job is looked at, and how often it gets a line where there is no terminal, in milliseconds. */
const POLL_MS = 500;
const LINE_MS = 10_000;
const OUTAGE_MS = 120_000;

/**
 * Watches a job until it has ended: models down, dates across, a mark each, as many of the last dates as fit; plain lines
 * off a terminal. All on standard error.
 *
 * @throws Interrupted on Ctrl-C; the job goes on
 */
export async function watchJob(io: Io, ctx: Ctx, jobId: string): Promise<JobDetail> {
  const { getJob, listModelDays } = await import("#lib/backtests/queries");
  const canvas = openCanvas(io);
  let told = Number.NEGATIVE_INFINITY;
  let awaySince: number | null = null;
  try {
    for (;;) {
      try {
        const [job, days] = await unlessAborted(io.signal, Promise.all([getJob(ctx, jobId), listModelDays(ctx, jobId)]));
        awaySince = null;
        if (!isOpenJob(job.status)) {
          canvas.end();
          io.err(`${drawGrid(io, job, days).join("\n")}\n`);
          return job;
        }
        canvas.draw(drawGrid(io, job, days));
        if (!io.errIsTty && performance.now() - told > LINE_MS) {
          canvas.say(tellJob(io, job));
          told = performance.now();
        }
      } catch (error) {
        const now = performance.now();
        if (!isOutage(error) || now - (awaySince ?? now) > OUTAGE_MS) throw error;
        if (awaySince === null) canvas.say("The database does not answer; trying again. The job goes on without us.");
        awaySince ??= now;
      }
      await sleep(POLL_MS, undefined, { signal: io.signal });
    }
  } catch (error) {
    if (io.signal.aborted) throw new Interrupted(io.signal.reason instanceof Interrupted ? io.signal.reason.exitCode : EXIT.interrupted, `No longer watching. The job goes on: ./penstock backtests ls; to cancel it: ./penstock backtests cancel ${jobId}`);
    throw error;
  } finally {
    canvas.end();
  }
}

function tellJob(io: Io, job: JobDetail): string {
  const { counts } = job;
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const parts = [
    printStatus(io, job.status),
    `${formatCount(counts.completed)}/${formatCount(total)} model-days`,
    counts.failed > 0 ? paint(io, "red", `${formatCount(counts.failed)} failed`) : "",
    counts.skipped > 0 ? `${formatCount(counts.skipped)} skipped` : "",
    job.totalDurationSeconds === null ? "" : `in ${formatDuration(job.totalDurationSeconds * 1_000)}`,
  ];
  return parts.filter(Boolean).join("  ");
}

/** The whole drawing, one line a model. */
export function drawGrid(io: Io, job: JobDetail, days: ModelDay[]): string[] {
  const name = Math.max(...job.models.map((model) => model.length));
  const room = Math.max(5, Math.min(120, (io.errIsTty ? io.width : 100) - name - 4));
  const firstOpen = job.dates.findIndex((date) => days.some((day) => day.date === date && (day.status === "pending" || day.status === "running")));
  // What goes on shall be in sight, with what has just ended before it.
  const end = firstOpen === -1 ? job.dates.length : Math.min(job.dates.length, Math.max(room, firstOpen + 3));
  const dates = job.dates.slice(Math.max(0, end - room), end);
  const at = new Map(days.map((day) => [`${day.date} ${day.model}`, day]));
  const first = dates[0] ?? "";
  const last = dates.at(-1) ?? "";
  const ruler = dates.length > 24 ? `${first}${" ".repeat(dates.length - 20)}${last}` : dates.length > 1 ? `${first} to ${last}` : first;
  return [
    `${tellJob(io, job)}`,
    `${" ".repeat(name)}  ${paint(io, "grey", ruler)}`,
    ...job.models.map((model) => `${model.padEnd(name)}  ${dates.map((date) => printMark(io, at.get(`${date} ${model}`)?.status ?? "pending")).join("")}`),
    ...days.filter(({ status }) => status === "failed").slice(0, 5).map(({ date, model, error }) => paint(io, "red", `  ${date} ${model}: ${error ?? ""}`)),
  ];
}
