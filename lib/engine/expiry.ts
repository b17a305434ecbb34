/**
 * Time limits: an attempt of a unit, and a run, end when they have taken as long as they may. A worker watches what it
 * holds by timers; a sweeper ends what is over its time all the same, because the worker is dead or hangs.
 */
import { z } from "zod";
import { inTransaction, type Ctx } from "#lib/ctx";
import { formatDuration } from "#lib/format/duration";
import { advanceRun, endUnit, type UnitEnd } from "./settle.ts";

/** How much longer than its time a unit may be held, for its signal to be noticed, before it is ended over its worker's head, in milliseconds. */
export const OVERDUE_MS = 12_000;
/** A timer may be a little ahead of the database's clock, in milliseconds. */
const AHEAD_MS = 1_000;
const AT_ONCE = 200;

export const unitTimeout = (limitMs: number): UnitEnd => ({ status: "failed", errorClass: "UnitTimeout", error: `The unit took longer than ${formatDuration(limitMs)}, its time limit` });
export const runTimeout = (): UnitEnd => ({ status: "failed", errorClass: "RunTimeout", error: "The run had taken longer than its time limit" });

/** Marks a run that is over its time and ends what of it has not begun; the run ends with the last unit that is running. */
export async function expireRun(ctx: Ctx, runId: number): Promise<void> {
  const marked = await inTransaction(ctx, (tx) => tx.db.$executeRaw`
    update runs set expired_at = coalesce(expired_at, clock_timestamp())
     where id = ${runId} and status = 'running' and deadline_at < clock_timestamp() + ${AHEAD_MS} * interval '1 ms' and cancel_requested_at is null`);
  if (marked === 0) return;
  // Locks in the order unit, run: as everywhere.
  await inTransaction(ctx, async (tx) => {
    await tx.db.$executeRaw`
      update run_units set status = 'cancelled', completed_at = clock_timestamp(), error = 'Not begun before the run was over its time limit'
       where run_id = ${runId} and status = 'pending'`;
    await advanceRun(tx, runId);
  });
}

const Overdue = z.object({ run_id: z.coerce.number(), seq: z.number(), attempt: z.number(), of_run: z.boolean(), unit_ms: z.number().nullable() });

/** A sweeper's look at what is over its time. */
export async function sweepExpired(ctx: Ctx): Promise<void> {
  const expired = await ctx.db.$queryRaw<{ id: bigint }[]>`select id from runs where deadline_at < clock_timestamp() and status = 'running' order by deadline_at limit ${AT_ONCE}::int`;
  for (const { id } of expired) await expireRun(ctx, Number(id));
  const rows = await ctx.db.$queryRaw`
    select u.run_id, u.seq, u.attempt, false as of_run, (r.config_snapshot #>> '{timeouts,unitMs}')::float8 as unit_ms
      from run_units u
      join runs r on r.id = u.run_id
     where u.status = 'running' and u.deadline_at < clock_timestamp() - ${OVERDUE_MS} * interval '1 ms'
     union all
    select u.run_id, u.seq, u.attempt, true, null
      from runs r
      join run_units u on u.run_id = r.id and u.status = 'running'
     where r.status = 'running' and r.deadline_at < clock_timestamp() - ${OVERDUE_MS} * interval '1 ms'
     limit ${AT_ONCE}::int`;
  // Never tried again: what takes its worker's whole process with it would do so again.
  for (const { run_id: runId, seq, attempt, of_run, unit_ms } of z.array(Overdue).parse(rows)) {
    await endUnit(ctx, { runId, seq, attempt }, of_run ? runTimeout() : unitTimeout(unit_ms ?? 0));
  }
}
