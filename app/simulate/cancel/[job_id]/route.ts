import { allow } from "#lib/access/rules";
import { printStatus, seedRoute } from "#lib/api/simulate";
import { answerPlain } from "#lib/api/route";
import { cancelJob } from "#lib/backtests/mutations";
import { getJob, listModelDays } from "#lib/backtests/queries";
import { AppError } from "#lib/errors";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Cancels a job: 202 with it as it stands; 409 when it has ended already. */
export const POST = seedRoute<{ job_id: string }>(async (ctx, { params }) => {
  allow(ctx, "runs.cancel");
  const job = await getJob(ctx, params.job_id);
  const result = await cancelJob(ctx, { jobId: job.jobId });
  if (!result.ok) throw new AppError("CONFLICT", `Job ${job.jobId} has already ended: it is ${job.status}.`, { details: { job_id: job.jobId, status: job.status } });
  return answerPlain(printStatus(await getJob(ctx, job.jobId), await listModelDays(ctx, job.jobId)), { status: 202 });
});
