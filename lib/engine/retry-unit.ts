/** What becomes of a unit that has failed and may be tried again: which errors, how often, when. */
import { z } from "zod";
import { inTransaction, type Ctx } from "#lib/ctx";
import type { UnitKind } from "#lib/db/generated/enums";
import { AppError } from "#lib/errors";
import { type Backoff, isNoRetry, type UnitRetry } from "./define.ts";
import { takeUp } from "./gate.ts";
import { enqueueRetry } from "./jobs.ts";
import { advanceRun, isHeld, type Claim, type UnitEnd } from "./settle.ts";
import { unitLimit } from "#lib/stages/sql/control";

const BACKOFF: Backoff = { initialMs: 1_000, factor: 2, maxMs: 300_000, jitter: 0.2 };
/** A unit that is due again for so long without having begun may have lost its job: it is given another, which takes the old one's place. */
const LOST_MS = 30_000;
/** Units that one look takes care of. */
const AT_ONCE = 500;

/** Milliseconds until the next try, after so many failures, from 1. `random` is from 0 to 1. */
export function backoffMs(backoff: Partial<Backoff> | undefined, failures: number, random: number = Math.random()): number {
  const { initialMs, factor, maxMs, jitter } = { ...BACKOFF, ...backoff };
  const plain = Math.min(maxMs, initialMs * factor ** (failures - 1));
  return Math.round(Math.min(maxMs, plain * (1 + jitter * (2 * random - 1))));
}

/** Milliseconds until a unit that failed of `error`, as the one after `failures` others, is tried again; null when it is not. */
export function retryAfter(retry: UnitRetry | null | undefined, failures: number, error: unknown, errorClass: string): number | null {
  if (!retry || failures + 1 >= retry.attempts) return null;
  // The same input would be as wrong again.
  if (isNoRetry(error) || error instanceof z.ZodError || (error instanceof AppError && error.code === "INVALID")) return null;
  if (retry.never?.includes(errorClass)) return null;
  return backoffMs(retry.backoff, failures + 1);
}

/**
 * Gives up an attempt that has failed, and makes the unit due again after `afterMs`. What the attempt has counted is taken
 * back when the next begins. False, having changed nothing, when the claim does not hold any more.
 */
export function retryUnit(ctx: Ctx, claim: Claim, { error, errorClass, done = 0, failed = 0 }: UnitEnd, afterMs: number): Promise<boolean> {
  const { runId, seq } = claim;
  return inTransaction(ctx, async (tx) => {
    const [unit] = await tx.db.$queryRaw<{ kind: UnitKind }[]>`
      update run_units
         set status = 'pending', worker_id = null, failures = failures + 1, deadline_at = null, error = ${error ?? null}, error_class = ${errorClass ?? null},
             retry_at = clock_timestamp() + ${afterMs}::float8 * interval '1 ms', items_done = items_done + ${done}, items_failed = items_failed + ${failed}
       where ${isHeld(claim)}
      returning kind::text`;
    if (!unit) return false;
    const [run] = await tx.db.$queryRaw<{ pipeline: string; stage: string; limited: boolean }[]>`
      update runs r set units_retrying = units_retrying + 1, items_processed = items_processed + ${done}, items_failed = items_failed + ${failed}
       where r.id = ${runId}
      returning r.pipeline, r.stage, ${unitLimit()} is not null as limited, pg_notify('penstock', json_build_object('run', r.id)::text)::text`;
    await enqueueRetry(tx, runId, seq, afterMs);
    // While it waits another unit of the run may have its place, and another run its room under the stage's limit.
    await advanceRun(tx, runId);
    if (run?.limited) await takeUp(tx, run);
    return true;
  });
}

/** Gives units whose next try is long due their job again, in case it was lost. */
export async function repairRetries(ctx: Ctx): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const due = await tx.db.$queryRaw<{ run_id: bigint; seq: number }[]>`
      with late as (
        select run_id, seq from run_units
         where retry_at < clock_timestamp() - ${LOST_MS} * interval '1 ms' and status = 'pending' and parked_in is null
         order by retry_at
         limit ${AT_ONCE}::int
           for no key update skip locked
      )
      update run_units u set retry_at = clock_timestamp() from late where u.run_id = late.run_id and u.seq = late.seq
      returning u.run_id, u.seq`;
    for (const { run_id, seq } of due) await enqueueRetry(tx, Number(run_id), seq, 0, true);
  });
}
