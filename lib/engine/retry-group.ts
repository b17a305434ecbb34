import { z } from "zod";
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import type { Ctx } from "#lib/ctx";
import { listRunsToRetry } from "#lib/error-groups/queries";
import { AppError } from "#lib/errors";
import { retryRun } from "./retry.ts";

export const RetryErrorGroupInput = z.strictObject({
  groupId: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER),
  /** Take over only the units that did not succeed; a run of which only items failed is retried whole. */
  onlyFailed: z.boolean().default(true),
});
export type RetryErrorGroupInput = z.input<typeof RetryErrorGroupInput>;

/** What became of one run: the run that retries it, or why there is none. */
export type RetriedRun = { runId: number; retriedAs: number | null; refusal: string | null };
export type RetryErrorGroupResult = { results: RetriedRun[]; /** More wait than one go takes: retry the group again. */ hasMore: boolean };

/**
 * Retries the runs that failed with a group's error and that no later run stands for, the newest first, a bounded number a go.
 * The act is written down before the first, so that no retry is without it. Each is a retry of its own: one that is refused, because its stage is busy for instance, keeps none of the others back.
 *
 * @throws AppError NOT_FOUND when no group has this id.
 */
export async function retryErrorGroup(ctx: Ctx, input: RetryErrorGroupInput): Promise<RetryErrorGroupResult> {
  allow(ctx, "runs.retry");
  const { groupId, onlyFailed } = RetryErrorGroupInput.parse(input);
  const { runIds, hasMore } = await listRunsToRetry(ctx, groupId);
  if (runIds.length > 0) await audit(ctx, { action: "error-group.retry", object: `error-group/${groupId}`, after: { runIds, onlyFailed } });
  const results: RetriedRun[] = [];
  for (const runId of runIds) results.push(await retryOne({ ...ctx, isPart: true }, runId, onlyFailed));
  return { results, hasMore };
}

async function retryOne(ctx: Ctx, runId: number, onlyFailed: boolean): Promise<RetriedRun> {
  try {
    const retried = await retryRun(ctx, { runId, onlyFailed, priority: "lowest" });
    return { runId, retriedAs: retried.runId, refusal: null };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // No unit of it failed, only items: there is nothing to take over, so it is planned anew.
    if (onlyFailed && error.code === "MISMATCH") return retryOne(ctx, runId, false);
    return { runId, retriedAs: null, refusal: error.message };
  }
}
