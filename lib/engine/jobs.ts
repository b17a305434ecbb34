/** How units become jobs of Graphile Worker: always in the transaction that makes them due. */
import type { Ctx } from "#lib/ctx";
import { sql, type Sql } from "#lib/db/client";
import { failpoint } from "#lib/failpoint";

/** What a worker is asked to do; the payload is `{ runId, seq }`. One task a stage, so that a worker is given only what it can run. */
export const unitTask = (pipeline: string, stage: string): string => `unit:${pipeline}/${stage}`;
/** The task of jobs from before each stage had its own. */
export const ANY_UNIT_TASK = "unit";

/** Makes the units that `which` selects (over `run_units`) due now. Returns how many. */
export async function enqueueUnits(ctx: Ctx, which: Sql): Promise<number> {
  const [row] = await ctx.db.$queryRaw<{ jobs: bigint }[]>`
    select count(*) as jobs
      from graphile_worker.add_jobs(array(
        select row('unit:' || (select r.pipeline || '/' || r.stage from runs r where r.id = run_units.run_id), json_build_object('runId', run_id, 'seq', seq), null::text, null::timestamptz,
                   25::smallint, null::text, 0::smallint, null::text[])::graphile_worker.job_spec
          from run_units
         where ${which}
         order by seq))`;
  await failpoint("enqueue.added");
  return Number(row?.jobs ?? 0);
}

/** Makes one unit due now. */
export const enqueueUnit = (ctx: Ctx, runId: number, seq: number): Promise<number> => enqueueUnits(ctx, sql`run_id = ${runId} and seq = ${seq}`);
