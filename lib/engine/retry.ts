import { z } from "zod";
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { inTransaction, type Ctx } from "#lib/ctx";
import { KEPT } from "#lib/db/client";
import { AppError } from "#lib/errors";
import { readShownParams } from "#lib/secrets";
import { findStage } from "#lib/pipelines/registry";
import { isFinal } from "#lib/runs/rules";
import { parseParams } from "#lib/stages/rules";
import { RunPriority } from "#lib/db/generated/enums";
import type { Json } from "./define.ts";
import { NOT_SUCCEEDED } from "./plan.ts";
import { insertRun } from "./trigger.ts";

export const RetryInput = z.strictObject({
  runId: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER),
  /** The new run's parameters, whole; left out, those of the run that is retried. A masked secret stands for the old one. */
  params: z.record(z.string(), z.json()).optional(),
  /** Take over only the units that did not succeed, in their waves, instead of planning anew. */
  onlyFailed: z.boolean().default(false),
  /** Repeats with the same key and the same content are the same run. */
  idempotencyKey: z.string().min(1).max(255).optional(),
  /** Left out: as the stage says; where that is to join, refused. A retry is a run of its own, which stands for the one it retries. */
  onBusy: z.enum(["reject", "queue"]).optional(),
  priority: z.enum(RunPriority).optional(),
});
export type RetryInput = z.input<typeof RetryInput>;

/**
 * Starts the stage of an ended run again, as a new run linked to it (`retry_of`). The old run stays as it is.
 *
 * @throws AppError NOT_FOUND when there is no such run, or its stage is gone; CONFLICT when it has not ended, or when a
 *   run of the same exclusive key goes on (`details.runId`); MISMATCH when only what failed is asked for and no unit did,
 *   or when the idempotency key was used for something else; INVALID with the path of each bad parameter.
 */
export async function retryRun(ctx: Ctx, input: RetryInput): Promise<{ runId: number; created: boolean; inLine: boolean; units: number | null }> {
  allow(ctx, "runs.retry");
  const { runId, params: edited, onlyFailed, idempotencyKey, onBusy, priority } = RetryInput.parse(input);
  const old = await ctx.db.run.findUnique({ where: { id: runId }, select: { pipeline: true, stage: true, status: true, params: true } });
  if (!old) throw new AppError("NOT_FOUND", `There is no run #${runId}.`);
  if (!isFinal(old.status)) throw new AppError("CONFLICT", `Run #${runId} has not ended: it is ${old.status}. Wait for it to end, or cancel it first.`, { details: { runId } });
  const stage = findStage(old.pipeline, old.stage);
  const oldParams = z.record(z.string(), z.json()).parse(old.params);
  const params = parseParams(stage, edited ? unmaskParams(edited, oldParams) : oldParams);
  const units = onlyFailed ? await countNotSucceeded(ctx, runId) : null;
  if (units === 0) throw new AppError("MISMATCH", `No unit of run #${runId} failed, so there is nothing of it to retry alone. Retry it whole instead.`, { faults: [{ path: "onlyFailed", message: "has nothing to retry" }] });

  return inTransaction(ctx, async (tx) => {
    const made = await insertRun(tx, { pipeline: old.pipeline, stage, params, begins: true, idempotencyKey, priority, onBusy: onBusy ?? (stage.onBusy === "queue" ? "queue" : "reject"), retrying: { retryOf: runId, onlyFailed } });
    if (made.created) await audit(tx, { action: "run.retry", object: `run/${runId}`, after: { runId: made.runId, onlyFailed, params: Object.keys(edited ?? {}) } });
    return { runId: made.runId, created: made.created, inLine: made.inLine, units };
  });
}

const unmaskParams = (edited: Record<string, Json>, old: Record<string, Json>): Record<string, Json> =>
  Object.fromEntries(Object.entries(edited).map(([name, value]) => [name, readShownParams(value, old[name])]));

/** How many units a retry of only what failed would take over. */
export async function countNotSucceeded(ctx: Ctx, runId: number): Promise<number> {
  allow(ctx, "runs.read");
  const [row] = await ctx.db.$queryRaw<{ units: bigint }[]>`${KEPT} select count(*) as units from run_units where run_id = ${runId}::bigint and ${NOT_SUCCEEDED}`;
  return Number(row?.units ?? 0);
}
