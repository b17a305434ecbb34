/**
 * How many units of a run have a job at a time. A wave is not given its jobs whole: a run of 100,000 units would stand before
 * a run of one until all were done. As units end the next ones get theirs, so that runs take turns and the queue stays short.
 */
import type { Ctx } from "#lib/ctx";
import { KEPT, type Sql, sql } from "#lib/db/client";
import { unitLimit } from "#lib/stages/sql/control";
import { enqueueUnits, jobSpec } from "./jobs.ts";

/**
 * Twice what all workers can take: one run alone keeps them all busy, with one unit in flight and the next one waiting for
 * each slot. More would only make others wait longer, less would leave a slot empty while a unit is being ended.
 */
const PER_SLOT = 2;
/** Where there is no worker yet, or a small one: what the first to come finds to do before anything has ended. */
const LEAST = 8;
/** Below this part of the window it is filled again: one statement for a quarter of it instead of one a unit. */
const REFILL_AT = 0.75;

/** Slots of the workers that take units, as SQL. */
export const SLOTS: Sql = sql`(select coalesce(sum(w.concurrency), 0)::int from workers w where w.stopped_at is null and w.drain_requested_at is null)`;

export type Filled = { /** The last unit that was given a job. */ queuedTo: number; /** Work units that have ended. */ ended: number; /** Units that wait for their next try: they take nobody's place. */ retrying: number; slots: number; limit: number | null };

/** What a stage's limit lets run, and as much again that is parked, is enough for a run of it. */
const windowOf = ({ slots, limit }: Pick<Filled, "slots" | "limit">): number => Math.min(Math.max(LEAST, PER_SLOT * slots), limit === null ? Number.MAX_SAFE_INTEGER : PER_SLOT * limit);

/** Whether so few units with jobs are left that more should get theirs, if the wave has more. */
export const isLow = (run: Filled): boolean => run.queuedTo - run.ended - run.retrying <= Math.floor(windowOf(run) * REFILL_AT);

/** The same bound as SQL, of the slots of all workers and the limit of the run's stage. */
export const lowWater = (slots: Sql, limit: Sql): Sql => sql`floor(least(greatest(${LEAST}::int, ${PER_SLOT}::int * ${slots}), ${PER_SLOT}::int * coalesce(${limit}, 1000000)) * ${REFILL_AT}::float8)`;

/** Gives units of `wave`, which is open from now on and ends with unit `waveTo`, their jobs, until the window is full. The caller holds the run's lock. */
export async function fillWindow(ctx: Ctx, runId: number, run: Filled, wave: number, waveTo: number): Promise<void> {
  const to = Math.max(run.queuedTo, Math.min(waveTo, run.ended + run.retrying + windowOf(run)));
  const moved = sql`with moved as (update runs set queued_to = ${to}::int, wave = ${wave}::int where id = ${runId}::bigint)`;
  await enqueueUnits(ctx, sql`u.run_id = ${runId}::bigint and u.seq > ${run.queuedTo}::int and u.seq <= ${to}::int and u.kind = 'work' and u.status = 'pending'`, 0, moved);
}

/** The same for a run that nothing else is due of, in one statement: nobody waits for this process while it holds the run's row. */
export async function refillWindow(ctx: Ctx, runId: number): Promise<void> {
  await ctx.db.$queryRaw`${KEPT}
    with run as (
      select id, wave, queued_to, units_done + units_failed + units_retrying as gone, pipeline, stage
        from runs
       where id = ${runId}::bigint and status = 'running' and wave > 0 and cancel_requested_at is null and expired_at is null
         for no key update
    ), target as (
      select r.id, r.queued_to as filled_to,
             least((select max(u.seq) from run_units u where u.run_id = r.id and u.wave = r.wave),
                   r.gone + least(greatest(${LEAST}::int, ${PER_SLOT}::int * ${SLOTS}), ${PER_SLOT}::int * coalesce(${unitLimit()}, 1000000))) as fill_to
        from run r
    ), filled as (
      update runs r set queued_to = t.fill_to from target t where r.id = t.id and t.fill_to > t.filled_to returning r.id
    )
    select count(*) from graphile_worker.add_jobs(array(
      select ${jobSpec()}
        from filled f
        join target t on t.id = f.id
        join runs r on r.id = f.id
        join run_units u on u.run_id = f.id and u.seq > t.filled_to and u.seq <= t.fill_to
       where u.kind = 'work' and u.status = 'pending'
       order by u.seq))`;
}
