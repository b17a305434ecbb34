/**
 * What may begin now. A unit whose stage is paused or at its limit is parked when a worker takes its job: it keeps no worker
 * waiting, and gets a job again as soon as there is room. Stages without a limit have no lock in common.
 *
 * Locks are taken in the order unit, run, stage.
 */
import { z } from "zod";
import type { Ctx } from "#lib/ctx";
import { empty, type Sql, sql } from "#lib/db/client";
import { IS_PAUSED, inFlight, unitLimit } from "#lib/stages/sql/control";
import { capabilityOf } from "#lib/workers/rules";
import { enqueueUnit, jobSpec, unitTask } from "./jobs.ts";
import { isTurnIn, TURN_PRIORITY } from "./turns.ts";

export type StageRef = { pipeline: string; stage: string };

/** First key of the advisory locks of stages with a limit; the second is a hash of the stage. Any fixed number. */
const STAGE_LOCK_CLASS = 7_332;
/** Units taken up in one statement; the sweeper takes up the rest. */
const TAKE_UP = 5_000;

/** Until the end of the transaction nobody else counts what is in flight of the stage. */
const lockStage = (ctx: Ctx, { pipeline, stage }: StageRef) => ctx.db.$executeRaw`select pg_advisory_xact_lock(${STAGE_LOCK_CLASS}::int, hashtext(${capabilityOf(pipeline, stage)}))`;

/** Whether one more unit may be in flight; true is a promise until the end of the transaction. The caller has locked the unit and its run. */
export async function hasRoom(ctx: Ctx, stage: StageRef, limit: number): Promise<boolean> {
  await lockStage(ctx, stage);
  const [row] = await ctx.db.$queryRaw<{ n: number }[]>`select ${inFlight(stage.pipeline, stage.stage)} as n`;
  return (row?.n ?? 0) < limit;
}

/** Puts a unit aside. Its job is done; `takeUp` makes it another. */
export async function park(ctx: Ctx, runId: number, seq: number, { pipeline, stage }: StageRef): Promise<void> {
  await ctx.db.$executeRaw`
    update run_units set parked_in = ${capabilityOf(pipeline, stage)}, parked_at = clock_timestamp()
     where run_id = ${runId} and seq = ${seq} and status = 'pending'`;
}

const Control = z.object({ paused: z.boolean(), unit_limit: z.number().nullable() });

/**
 * Gives parked units of a stage their jobs, as many as there is room for: of the runs with the highest priority first, then
 * those that have waited longest; now and then one that is not of the highest (turns.ts). Does nothing while the stage is paused. To be called when a unit of it has ended, and
 * when it is resumed or its limit raised. Returns how many.
 */
export async function takeUp(ctx: Ctx, { pipeline, stage }: StageRef): Promise<number> {
  const [row] = await ctx.db.$queryRaw<unknown[]>`select ${IS_PAUSED} as paused, ${unitLimit()} as unit_limit from (values (${pipeline}, ${stage})) r (pipeline, stage)`;
  const control = Control.parse(row);
  if (control.paused) return 0;
  // A claim that has counted us as still in flight has parked its unit before it lets go of this lock.
  if (control.unit_limit !== null) await lockStage(ctx, { pipeline, stage });
  const room = control.unit_limit === null ? sql`${TAKE_UP}::int` : sql`
    greatest(0, ${control.unit_limit}::int - ${inFlight(pipeline, stage)}
                - (select count(*)::int from graphile_worker.jobs j where j.task_identifier = ${unitTask(pipeline, stage)} and j.locked_at is null and j.run_at <= now()))`;
  const turn = control.unit_limit !== null && isTurnIn(capabilityOf(pipeline, stage)) ? await handOut(ctx, { pipeline, stage }, room, true) : 0;
  return turn + (await handOut(ctx, { pipeline, stage }, room, false));
}

/** With `isTurn` one unit at most: the one that has waited longest of those that are not of the highest priority that waits, as the very next that is taken. */
async function handOut(ctx: Ctx, { pipeline, stage }: StageRef, room: Sql, isTurn: boolean): Promise<number> {
  const parked = sql`u.parked_in = ${capabilityOf(pipeline, stage)} and u.status = 'pending' and r.cancel_requested_at is null`;
  const outranked = sql`and r.priority > (select min(r.priority) from run_units u join runs r on r.id = u.run_id where ${parked})`;
  const [taken] = await ctx.db.$queryRaw<{ jobs: bigint }[]>`
    with chosen as (
      select u.run_id, u.seq
        from run_units u
        join runs r on r.id = u.run_id
       where ${parked} ${isTurn ? outranked : empty}
       order by ${isTurn ? empty : sql`r.priority,`} u.parked_at, u.run_id, u.seq
       limit ${isTurn ? sql`least(1, ${room})` : room}
         for no key update of u skip locked
    ), taken as (
      update run_units u set parked_in = null, parked_at = null
        from chosen
       where u.run_id = chosen.run_id and u.seq = chosen.seq
      returning u.run_id, u.seq, u.kind, u.attempt
    )
    select count(*) as jobs
      from graphile_worker.add_jobs(array(select ${isTurn ? jobSpec(0, sql`null::text`, sql`${TURN_PRIORITY}::smallint`) : jobSpec()} from taken u join runs r on r.id = u.run_id order by r.priority, u.run_id, u.seq))`;
  return Number(taken?.jobs ?? 0);
}

const Stage = z.object({ pipeline: z.string(), stage: z.string(), is_limited: z.boolean() });

/** Makes a unit that was running due again, and lets another have its room meanwhile if the stage has a limit. */
export async function returnUnit(ctx: Ctx, runId: number, seq: number): Promise<void> {
  await enqueueUnit(ctx, runId, seq);
  const rows = await ctx.db.$queryRaw`select r.pipeline, r.stage, ${unitLimit()} is not null as is_limited from runs r where r.id = ${runId}`;
  const [stage] = z.array(Stage).parse(rows);
  if (stage?.is_limited) await takeUp(ctx, stage);
}
