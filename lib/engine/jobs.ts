/** How units become jobs of Graphile Worker: always in the transaction that makes them due. */
import type { Ctx } from "#lib/ctx";
import { empty, KEPT, sql, type Sql } from "#lib/db/client";
import { failpoint } from "#lib/failpoint";

/** What a worker is asked to do; the payload is `{ runId, seq }`. One task a stage, so that a worker is given only what it can run. */
export const unitTask = (pipeline: string, stage: string): string => `unit:${pipeline}/${stage}`;
/** The task of jobs from before each stage had its own. */
export const ANY_UNIT_TASK = "unit";

/**
 * Graphile Worker takes the lowest first, and among equals the oldest. Planning and settling go before other units of their
 * priority: they are one unit a run, and until a run is planned it has no share of the workers. So does what had begun already: a dead worker's units do not wait behind a backlog.
 */
const JOB_PRIORITY = sql`(case r.priority when 'high' then 10 when 'normal' then 20 when 'low' then 30 else 40 end - case when u.kind = 'work' and u.attempt = 0 then 0 else 1 end)::smallint`;

/** The job of a unit `u` of a run `r`, due in `afterMs`. One with a key takes the place of the one that is waiting with it. */
export const jobSpec = (afterMs = 0, key: Sql = sql`null::text`, priority: Sql = JOB_PRIORITY): Sql => sql`
  row('unit:' || r.pipeline || '/' || r.stage, json_build_object('runId', u.run_id, 'seq', u.seq), null::text,
      case when ${afterMs}::float8 > 0 then clock_timestamp() + ${afterMs}::float8 * interval '1 ms' end, 25::smallint, ${key}, ${priority}, null::text[])::graphile_worker.job_spec`;

/** Makes the units `u` that `which` selects due in `afterMs`, in one statement with what `doing`, a `with` of its own, writes elsewhere. Returns how many. */
export async function enqueueUnits(ctx: Ctx, which: Sql, afterMs = 0, doing: Sql = empty): Promise<number> {
  const [row] = await ctx.db.$queryRaw<{ jobs: bigint }[]>`${KEPT}
    ${doing} select count(*) as jobs
      from (select array(select ${jobSpec(afterMs)} from run_units u join runs r on r.id = u.run_id where ${which} order by u.seq) as specs) due
     cross join lateral graphile_worker.add_jobs(due.specs)
     where cardinality(due.specs) > 0`;
  await failpoint("enqueue.added");
  return Number(row?.jobs ?? 0);
}

/** Makes one unit due in `afterMs`. */
export const enqueueUnit = (ctx: Ctx, runId: number, seq: number, afterMs = 0): Promise<number> => enqueueUnits(ctx, sql`u.run_id = ${runId} and u.seq = ${seq}`, afterMs);

/** The first unit, which plans the others, of the runs in `from`: a part of a `with`, by the name of `u`. */
export const firstUnit = (from: Sql): Sql => sql`
    u as (
      insert into run_units (run_id, seq, kind, name) select id, 0, 'plan', 'plan' from ${from} returning run_id, seq, kind, attempt
    )`;
/** Adds its job; how many, none or one. `from` has the run with its priority. By the database's clock, so that its place in the queue can be told. */
export const firstJob = (from: Sql): Sql => sql`(select count(*) from graphile_worker.add_jobs(array(select ${jobSpec()} from u join ${from} r on r.id = u.run_id)))`;

/** Makes the run's first unit and its job. */
export async function beginRun(ctx: Ctx, runId: number): Promise<void> {
  await ctx.db.$queryRaw`${KEPT} with ${firstUnit(sql`runs where id = ${runId}::bigint`)} select ${firstJob(sql`runs`)}`;
  await toldBegun();
}

/** What is reached when a run has begun. */
export async function toldBegun(): Promise<void> {
  await failpoint("enqueue.added");
  await failpoint("trigger.begun");
}

/**
 * Makes a unit that has failed due again. Of such a unit there is one job at most, however often this is asked for; one that
 * waits already keeps its place when `keepsPlace`.
 */
export async function enqueueRetry(ctx: Ctx, runId: number, seq: number, afterMs: number, keepsPlace = false): Promise<void> {
  await ctx.db.$queryRaw`
    select count(*) from graphile_worker.add_jobs(array(
      select ${jobSpec(afterMs, sql`'retry:' || u.run_id || ':' || u.seq`)} from run_units u join runs r on r.id = u.run_id
       where u.run_id = ${runId} and u.seq = ${seq} and u.status = 'pending'), ${keepsPlace})`;
}
