/** How a worker takes a unit as its own. */
import { z } from "zod";
import { inTransaction, type Ctx } from "#lib/ctx";
import { KEPT } from "#lib/db/client";
import { failpoint } from "#lib/failpoint";
import { changeRunStatus } from "#lib/runs/mutations";
import { IS_PAUSED, unitLimit } from "#lib/stages/sql/control";
import type { UnitRetry } from "./define.ts";
import { hasRoom, park } from "./gate.ts";
import { enqueueUnit } from "./jobs.ts";

/** As `snapshotOf` (trigger.ts) wrote it. A pipeline may call something else of its own by that name, which is no rule. */
const Retry: z.ZodType<UnitRetry | null> = z
  .object({
    attempts: z.int(),
    backoff: z.object({ initialMs: z.number(), factor: z.number(), maxMs: z.number(), jitter: z.number() }).partial().optional(),
    never: z.array(z.string()).optional(),
  })
  .nullable()
  .catch(null);

const Claimed = z.object({
  attempt: z.number(),
  kind: z.enum(["plan", "work", "settle"]),
  input: z.unknown(),
  items_total: z.number().nullable(),
  pipeline: z.string(),
  stage: z.string(),
  params: z.unknown(),
  /** The run of which this one is a retry, and whether only of what failed in it. */
  retry_of: z.coerce.number().nullable(),
  only_failed: z.boolean(),
  /** Attempts that have failed before this one. */
  failures: z.number(),
  /** The rules for its failures, as they were when the run was triggered. */
  retry: Retry,
  /** Milliseconds that the attempt may take, and the run still may. */
  unit_ms: z.number().nullable(),
  run_ms: z.number().nullable(),
});
export type Claimed = z.infer<typeof Claimed>;

/** A unit that has gone down with its worker this often is taken by one that holds no other such: of those that died together one did it. */
const SUSPECT_CRASHES = 2;
/** How soon it is tried again whether there is such a worker, in milliseconds. */
const SUSPECT_WAIT_MS = 300;

const Found = z.union([
  Claimed.extend({ paused: z.boolean(), unit_limit: z.number().nullable(), suspect: z.boolean() }),
  z.object({ attempt: z.null(), paused: z.boolean(), unit_limit: z.number().nullable(), suspect: z.boolean(), pipeline: z.string(), stage: z.string() }),
]);
type Found = z.infer<typeof Found>;

/**
 * Takes the unit for this worker as its next attempt, and begins the run with its first. Null when it is not due any more,
 * and when its stage is paused or at its limit: then it is parked (gate.ts), and the job has done its part.
 */
export async function claimUnit(ctx: Ctx, workerId: number, runId: number, seq: number): Promise<Claimed | null> {
  // One statement is its own transaction: most units have nothing in their way, and nothing begins with them.
  if (seq > 0) {
    const taken = await take(ctx, workerId, runId, seq, false);
    if (taken?.attempt !== null) return taken;
  }
  return inTransaction(ctx, async (tx) => {
    let found = await take(tx, workerId, runId, seq, false);
    if (found?.attempt === null && !found.paused) {
      if (found.suspect && (await holdsSuspect(tx, workerId))) {
        await enqueueUnit(tx, runId, seq, SUSPECT_WAIT_MS);
        return null;
      }
      // The unit, then the run, then the stage: as when a unit ends.
      if (found.unit_limit !== null) await tx.db.$executeRaw`select 1 from runs where id = ${runId} for no key update`;
      if (found.unit_limit === null || (await hasRoom(tx, found, found.unit_limit))) found = await take(tx, workerId, runId, seq, true);
    }
    if (!found) return null;
    if (found.attempt === null) {
      await park(tx, runId, seq, found);
      return null;
    }
    if (found.kind === "plan") await beginClock(tx, runId, found.run_ms !== null);
    if (found.kind === "plan") await failpoint("claim.updated");
    return found;
  });
}

/** Locks the unit if it is due, and takes it if nothing of its stage is in the way; `isAdmitted`: there is room under its limit, and no other suspect at the worker. */
async function take(ctx: Ctx, workerId: number, runId: number, seq: number, isAdmitted: boolean): Promise<Found | null> {
  const rows = await ctx.db.$queryRaw`${KEPT}
    with due as (
      select u.run_id, u.seq, u.items_done - u.items_saved as unsaved, u.items_failed, u.retry_at is not null as was_retrying, ${IS_PAUSED} as paused, ${unitLimit()} as unit_limit, u.crashes >= ${SUSPECT_CRASHES} as suspect
        from run_units u
        join runs r on r.id = u.run_id
       where u.run_id = ${runId} and u.seq = ${seq} and u.status = 'pending'
         and r.status in ('pending', 'running') and r.cancel_requested_at is null and r.expired_at is null
         for no key update of u
    ), claimed as (
      update run_units u
         set status = 'running', attempt = attempt + 1, worker_id = ${workerId}, started_at = coalesce(started_at, clock_timestamp()),
             items_done = u.items_saved, items_failed = 0, error = null, error_class = null, parked_in = null, parked_at = null, retry_at = null,
             deadline_at = clock_timestamp() + (select (r.config_snapshot #>> '{timeouts,unitMs}')::float8 from runs r where r.id = u.run_id) * interval '1 ms'
        from due
       where u.run_id = due.run_id and u.seq = due.seq and not due.paused and ((due.unit_limit is null and not due.suspect) or ${isAdmitted})
      returning u.run_id, u.attempt, u.kind, u.input, u.items_total, u.failures
    ), corrected as (
      update runs r
         set items_processed = items_processed - due.unsaved, items_failed = r.items_failed - due.items_failed,
             units_retrying = units_retrying - due.was_retrying::int
        from due
        join claimed using (run_id)
       where r.id = due.run_id and (due.unsaved > 0 or due.items_failed > 0 or due.was_retrying)
      returning r.id
    )
    select claimed.attempt, claimed.kind, claimed.input, claimed.items_total, claimed.failures, due.paused, due.unit_limit, due.suspect, r.pipeline, r.stage, r.params, r.retry_of, r.only_failed, r.config_snapshot -> 'retry' as retry,
           (r.config_snapshot #>> '{timeouts,unitMs}')::float8 as unit_ms,
           extract(epoch from coalesce(r.deadline_at, clock_timestamp() + (r.config_snapshot #>> '{timeouts,runMs}')::float8 * interval '1 ms') - clock_timestamp())::float8 * 1000 as run_ms
      from due
      join runs r on r.id = due.run_id
      left join claimed on claimed.run_id = due.run_id`;
  return z.array(Found).parse(rows)[0] ?? null;
}

/** Whether the worker holds a unit that may be the one that kills. Of two that ask at once the second sees what the first took. */
async function holdsSuspect(ctx: Ctx, workerId: number): Promise<boolean> {
  await ctx.db.$executeRaw`select 1 from workers where id = ${workerId} for no key update`;
  const held = await ctx.db.$queryRaw<unknown[]>`select 1 from run_units where worker_id = ${workerId} and status = 'running' and crashes >= ${SUSPECT_CRASHES} limit 1`;
  return held.length > 0;
}

/** The run goes on from its first unit; its time, if it has a limit, is counted from there, once. */
async function beginClock(ctx: Ctx, runId: number, hasLimit: boolean): Promise<void> {
  await changeRunStatus(ctx, runId, "running");
  if (!hasLimit) return;
  await ctx.db.$executeRaw`
    update runs set deadline_at = clock_timestamp() + (config_snapshot #>> '{timeouts,runMs}')::float8 * interval '1 ms'
     where id = ${runId} and deadline_at is null`;
}
