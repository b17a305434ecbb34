import { allow } from "#lib/access/rules";
import { answerRefusal, parseTrigger, printJob, printProgress, printStatus, seedRoute } from "#lib/api/simulate";
import { answerPlain } from "#lib/api/route";
import { startJob } from "#lib/backtests/mutations";
import { findJobOfRun, getJob, listModelDays } from "#lib/backtests/queries";
import { addDays, isWeekend } from "#lib/backtests/rules";
import { AppError } from "#lib/errors";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Starts a job: 202 with the new one, 200 with the one that the same dates made before, 409 with the one in the way. */
export const POST = seedRoute(async (ctx, { request }) => {
  for (const permission of ["runs.trigger", "runs.read"] as const) allow(ctx, permission);
  const input = await parseTrigger(request);
  try {
    const { created, job } = await startJob(ctx, input);
    const details = await listModelDays(ctx, job.jobId);
    if (!created) return answerPlain({ ...printStatus(job, details), message: `These dates were asked for within the last 24 hours: this is that job, and it is ${job.status}. To simulate them anew, set replace_existing.` });
    const { total_model_days: total, pending } = printProgress(job, details);
    return answerPlain({ ...printJob(job), status: "accepted", total_model_days: total, message: `Simulation job ${job.jobId} created: ${pending} of ${total} model-days to simulate` }, { status: 202 });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.details.current === true && input.params.from === "") {
      const last = String(error.details.lastDate);
      let next = addDays(last, 1);
      while (isWeekend(next)) next = addDays(next, 1);
      return answerPlain({ status: "current", message: error.message, last_simulation_date: last, next_trading_day: next });
    }
    const { jobId, runId } = error.details;
    const active = error.code !== "CONFLICT" ? null : typeof jobId === "string" ? await getJob(ctx, jobId) : typeof runId === "number" ? await findJobOfRun(ctx, runId) : null;
    if (!active) throw error;
    return answerRefusal(409, "conflict", error.message, { current_job_id: active.jobId, current_date_range: active.dates, current_job: printStatus(active, await listModelDays(ctx, active.jobId)) });
  }
});
