/**
 * Who is alive, and what becomes of the work of those who are not.
 *
 * A worker holds a session advisory lock (taken before it asks for work) and heartbeats from a thread. It is dead when
 * the lock is free and the heartbeat is old or never came: the lock alone would call everybody dead after a restart of
 * the database, the heartbeat alone would call a stopped clock or a long pause death. On its own machine a worker whose
 * process is gone need not be waited for.
 */
import { hostname } from "node:os";
import { z } from "zod";
import { inTransaction, type Ctx } from "#lib/ctx";
import type { UnitKind } from "#lib/db/generated/enums";
import { failpoint } from "#lib/failpoint";
import { abandonCalls, abandonLostCalls } from "#lib/llm-calls/mutations";
import { PIPELINES } from "#lib/pipelines/registry";
import { isAlive } from "#lib/process-alive";
import { listCapabilities } from "#lib/workers/rules";
import { carryOutCancel } from "./cancel.ts";
import { sweepExpired } from "./expiry.ts";
import { returnUnit } from "./gate.ts";
import { repairQueues } from "./repair.ts";
import { repairRetries } from "./retry-unit.ts";
import { endUnit, type Claim } from "./settle.ts";

/** First key of the advisory locks of workers; the second is the worker's id. Any fixed number. */
export const WORKER_LOCK_CLASS = 7_331;
export const HEARTBEAT_MS = 1_000;
/** Past this age of a heartbeat a worker whose lock is free is dead: three beats lost. */
const STALE_MS = 3 * HEARTBEAT_MS;
/** A unit that has taken this many workers with it, without having got any further between, fails instead of taking another. */
export const MAX_CRASHES = 3;
/** How long after its end nothing of a worker holds a job any more. */
const FREE_AFTER_MS = 10_000;
/** A cancelled run's units may go on this long after the request before they are ended over their worker's head. */
const CANCEL_GRACE_MS = 12_000;

/** What may be asked of the session that holds a worker's own lock; free locks of others are tried on it. */
export type LockSession = { query(text: string, values: unknown[]): Promise<{ rows: { locked: boolean }[] }> };

/** One look at everything that may need repair. Any number of workers may look at once: each repair is guarded. */
export async function sweep(ctx: Ctx, session: LockSession): Promise<{ dead: number[] }> {
  const dead: number[] = [];
  for (const workerId of await listSilentWorkers(ctx)) {
    const { rows } = await session.query("select pg_try_advisory_lock($1::int, $2::int) as locked", [WORKER_LOCK_CLASS, workerId]);
    if (!rows[0]?.locked) continue;
    try {
      await buryWorker(ctx, workerId);
      dead.push(workerId);
    } finally {
      await session.query("select pg_advisory_unlock($1::int, $2::int) as locked", [WORKER_LOCK_CLASS, workerId]);
    }
  }
  await freeJobs(ctx);
  // Before units are given to others: what is over its time is not begun again.
  await sweepExpired(ctx);
  await repairUnits(ctx);
  await finishCancels(ctx);
  await repairQueues(ctx);
  await repairRetries(ctx);
  await abandonLostCalls(ctx);
  return { dead };
}

const Id = z.object({ id: z.coerce.number() });
const Listed = z.object({ id: z.coerce.number(), host: z.string(), pid: z.number(), is_silent: z.boolean() });

async function listSilentWorkers(ctx: Ctx): Promise<number[]> {
  const rows = await ctx.db.$queryRaw`
    select id, host, pid,
           coalesce(heartbeat_at, started_at) < clock_timestamp() - ${STALE_MS} * interval '1 ms'
             and pg_postmaster_start_time() < clock_timestamp() - 2 * ${STALE_MS} * interval '1 ms' as is_silent
      from workers
     where stopped_at is null`;
  const host = hostname();
  return z.array(Listed).parse(rows).filter((worker) => worker.is_silent || (worker.host === host && !isAlive(worker.pid))).map(({ id }) => id);
}

/** Marks a worker dead and frees its jobs, so that other workers are given them again. */
async function buryWorker(ctx: Ctx, workerId: number): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const buried = await tx.db.$queryRaw<{ pool_id: string | null }[]>`
      update workers set stopped_at = clock_timestamp(), stop_reason = 'It died: its lock was free and its heartbeat old'
       where id = ${workerId} and stopped_at is null
      returning pool_id`;
    await failpoint("bury.marked");
    const poolId = buried[0]?.pool_id;
    if (poolId) await tx.db.$executeRaw`select graphile_worker.force_unlock_workers(array[${poolId}])`;
    await failpoint("bury.unlocked");
  });
  await failpoint("bury.committed");
}

/**
 * Jobs that a worker took after it had been taken for dead, or still held when it had waited long enough to stop: Graphile
 * Worker itself would free them in four hours. A stopped worker ends within moments of its row.
 */
async function freeJobs(ctx: Ctx): Promise<void> {
  await ctx.db.$executeRaw`
    select graphile_worker.force_unlock_workers(array_agg(distinct w.pool_id))
      from graphile_worker.jobs j
      join workers w on w.pool_id = j.locked_by
     where w.stopped_at < clock_timestamp() - ${FREE_AFTER_MS} * interval '1 ms'
    having count(*) > 0`;
}

const Orphan = z.object({ run_id: z.coerce.number(), seq: z.number(), attempt: z.number(), crashes: z.number() });
const Stuck = z.object({ seq: z.number(), attempt: z.number() });

/**
 * Units that are running at workers that have stopped: given to others, or failed when they have killed too many. What then
 * becomes of the run is for who knows its stage: a worker of another version leaves it to them, while one of them lives.
 */
async function repairUnits(ctx: Ctx): Promise<void> {
  const rows = await ctx.db.$queryRaw`
    select u.run_id, u.seq, u.attempt,
           case when exists (select 1 from run_steps s where s.run_id = u.run_id and s.unit_seq = u.seq and s.attempt = u.attempt and s.status = 'ok')
                then 0 else u.crashes end as crashes
      from run_units u
      join workers w on w.id = u.worker_id
      join runs r on r.id = u.run_id
     where u.status = 'running'
       and w.stopped_at is not null
       and (r.pipeline || '/' || r.stage = any(${listCapabilities(PIPELINES)}::text[])
            or u.crashes + 1 < ${MAX_CRASHES}
            or not exists (select 1 from workers k where k.stopped_at is null and k.heartbeat_at > now() - interval '10 s' and r.pipeline || '/' || r.stage = any(k.stages)))
     limit 1000`;
  for (const { run_id: runId, seq, attempt, crashes } of z.array(Orphan).parse(rows)) {
    const claim: Claim = { runId, seq, attempt };
    if (crashes + 1 >= MAX_CRASHES) {
      await endUnit(ctx, claim, { status: "failed", errorClass: "WorkerDied", error: `Its worker died ${MAX_CRASHES} times in a row while it held this unit; it is not tried again` });
      await abandonCalls(ctx, claim, "Its worker died in the middle of it; what the provider charged is not known");
    } else {
      await repairUnit(ctx, claim, crashes + 1);
    }
  }
}

async function repairUnit(ctx: Ctx, { runId, seq, attempt }: Claim, crashes: number): Promise<void> {
  const repaired = await inTransaction(ctx, async (tx) => {
    const [unit] = await tx.db.$queryRaw<{ kind: UnitKind }[]>`
      update run_units set status = 'pending', worker_id = null, crashes = ${crashes}
       where run_id = ${runId} and seq = ${seq} and attempt = ${attempt} and status = 'running'
      returning kind::text`;
    if (!unit) return null;
    await failpoint("repair.given", unit.kind);
    await abandonCalls(tx, { runId, seq, attempt }, "Its worker died in the middle of it; what the provider charged is not known");
    await tx.db.$executeRaw`
      update run_steps set error = 'Interrupted: its worker died in the middle of it'
       where run_id = ${runId} and unit_seq = ${seq} and attempt = ${attempt} and completed_at is null`;
    // The dead worker's job is free again, unless it was completed in the last moment: a second one does no harm.
    await returnUnit(tx, runId, seq);
    return unit;
  });
  if (repaired) await failpoint("repair.committed", repaired.kind);
}

async function finishCancels(ctx: Ctx): Promise<void> {
  const rows = await ctx.db.$queryRaw`
    select id from runs
     where status in ('pending', 'running')
       and cancel_requested_at < clock_timestamp() - interval '1 s'
     order by id`;
  for (const { id } of z.array(Id).parse(rows)) {
    const stuck = await ctx.db.$queryRaw`
      select seq, attempt from run_units
       where run_id = ${id} and status = 'running'
         and (select cancel_requested_at from runs where id = ${id}) < clock_timestamp() - ${CANCEL_GRACE_MS} * interval '1 ms'`;
    for (const { seq, attempt } of z.array(Stuck).parse(stuck)) {
      await endUnit(ctx, { runId: id, seq, attempt }, { status: "cancelled", error: "Cancelled on request; it did not stop by itself" });
    }
    await carryOutCancel(ctx, id);
  }
}
