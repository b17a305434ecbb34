/** What a sweeper looks for in the queues: whatever the transaction that should have seen to it did not, or could not know of. */
import { z } from "zod";
import { inTransaction, type Ctx } from "#lib/ctx";
import { sql } from "#lib/db/client";
import { IS_PAUSED, unitLimit } from "#lib/stages/sql/control";
import { takeUp } from "./gate.ts";
import { advanceRun, callNext, SETTLE_WAVE } from "./settle.ts";
import { lowWater, SLOTS } from "./window.ts";

/** Runs and keys that one look takes care of. */
const AT_ONCE = 100;

export async function repairQueues(ctx: Ctx): Promise<void> {
  await takeUpParked(ctx);
  await refillWindows(ctx);
  await callLines(ctx);
}

const Stage = z.object({ pipeline: z.string(), stage: z.string() });

/** Parked units of stages that are not paused: resumed a moment before they were parked, or more than one statement took up. */
async function takeUpParked(ctx: Ctx): Promise<void> {
  const rows = await ctx.db.$queryRaw`
    with recursive parked (parked_in) as (
      select min(parked_in) from run_units where parked_in is not null and status = 'pending'
      union all
      select (select min(u.parked_in) from run_units u where u.parked_in > parked.parked_in and u.status = 'pending') from parked where parked.parked_in is not null
    )
    select r.pipeline, r.stage
      from (select split_part(parked_in, '/', 1) as pipeline, split_part(parked_in, '/', 2) as stage from parked where parked_in is not null) r
     where not ${IS_PAUSED}`;
  for (const stage of z.array(Stage).parse(rows)) await inTransaction(ctx, (tx) => takeUp(tx, stage));
}

/** Runs whose windows have become larger, by a worker that came or a limit that was raised. */
async function refillWindows(ctx: Ctx): Promise<void> {
  const rows = await ctx.db.$queryRaw<{ id: bigint }[]>`
    select x.id
      from (select r.id, r.wave, r.queued_to, r.units_done + r.units_failed + r.units_retrying as ended, ${SLOTS} as slots, ${unitLimit()} as unit_limit
              from runs r
             where r.status = 'running' and r.cancel_requested_at is null and r.wave > 0 and r.wave < ${SETTLE_WAVE} and r.queued_to < r.units_total) x
     where x.queued_to - x.ended <= ${lowWater(sql`x.slots`, sql`x.unit_limit`)}
       and exists (select 1 from run_units u where u.run_id = x.id and u.seq = x.queued_to + 1 and u.wave = x.wave)
     limit ${AT_ONCE}::int`;
  for (const { id } of rows) await inTransaction(ctx, (tx) => advanceRun(tx, Number(id)));
}

/** Lines whose key nobody has. */
async function callLines(ctx: Ctx): Promise<void> {
  const rows = await ctx.db.$queryRaw<{ key: string }[]>`
    select distinct l.exclusive_key as key
      from runs l
     where l.status = 'pending' and l.in_line
       and not exists (select 1 from runs h where h.exclusive_key = l.exclusive_key and h.status in ('pending', 'running') and not h.in_line)
     limit ${AT_ONCE}::int`;
  for (const { key } of rows) await inTransaction(ctx, (tx) => callNext(tx, key));
}
