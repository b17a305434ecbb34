import { printStatus, seedRoute } from "#lib/api/simulate";
import { answerPlain } from "#lib/api/route";
import { getJob, listModelDays } from "#lib/backtests/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = seedRoute<{ job_id: string }>(async (ctx, { params }) => {
  const job = await getJob(ctx, params.job_id);
  return answerPlain(printStatus(job, await listModelDays(ctx, job.jobId)));
});
