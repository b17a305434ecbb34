"use server";
import { StartJobInput, startJob } from "#lib/backtests/mutations";
import { action } from "#lib/web/action";

export const startJobAction = action(StartJobInput, async (ctx, input) => {
  const { created, job } = await startJob(ctx, input);
  return { jobId: job.jobId, created };
});
