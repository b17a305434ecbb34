import { printStatus, seedRoute } from "#lib/api/simulate";
import { answerPlain } from "#lib/api/route";
import { findCurrentJob, listModelDays } from "#lib/backtests/queries";
import { AppError } from "#lib/errors";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The newest job, whatever became of it. */
export const GET = seedRoute(async (ctx) => {
  const job = await findCurrentJob(ctx);
  if (!job) throw new AppError("NOT_FOUND", "No simulation job has been made yet.");
  return answerPlain(printStatus(job, await listModelDays(ctx, job.jobId)));
});
