import { z } from "zod";
import { inTransaction, type Ctx } from "#lib/ctx";
import { KEPT, sql } from "#lib/db/client";
import { failpoint } from "#lib/failpoint";
import type { Claimed } from "./claim.ts";
import type { Json, Stage } from "./define.ts";
import { isHeld, type Claim } from "./settle.ts";
import { SupersededError } from "./steps.ts";

/** Units written per transaction while planning. */
const BATCH = 1_000;

const Taken = z.object({ units: z.coerce.number(), waves: z.coerce.number(), items: z.coerce.number().nullable() });

/** What a plan comes to; `write` writes the last of its units in the transaction that ends the planning. */
export type Planned = { output: Json; /** The last unit of the first wave, if there is one. */ opens?: number; write(tx: Ctx): Promise<Written> };
export type Written = { /** They are all of the run's units, and no other job is waiting for a worker. */ isAlone: boolean };

/**
 * Plans the run's units, wave by wave, and writes them but for the last. Nothing of them is due before the planning unit
 * ends, so an attempt that died in the middle is simply planned again.
 */
export async function planRun(ctx: Ctx, claim: Claim, stage: Stage, params: unknown, signal: AbortSignal, log: (line: string) => void, retry: Pick<Claimed, "retry_of" | "only_failed">): Promise<Planned> {
  const { runId } = claim;
  // Only an attempt before this one can have left something.
  if (claim.attempt > 1) await writeHeld(ctx, claim, (tx) => tx.db.runUnit.deleteMany({ where: { runId, kind: "work" } }));
  await failpoint("plan.cleared");
  if (retry.only_failed) return takeOverFailed(ctx, claim, retry.retry_of);
  let batch: NewUnit[] = [];
  let seq = 0;
  let waves = 0;
  let opens: number | undefined;
  let items: number | null = null;
  for await (const units of stage.plan({ runId, db: ctx.db, signal, log }, params)) {
    if (units.length > 0) waves += 1;
    if (waves === 1) opens ??= units.length;
    for (const { name, input, itemsTotal } of units) {
      if (batch.length === BATCH) {
        signal.throwIfAborted();
        const full = batch;
        await inTransaction(ctx, (tx) => writeBatch(tx, claim, full));
        batch = [];
      }
      batch.push({ seq: (seq += 1), wave: waves, name, input, items_total: itemsTotal ?? null });
      if (itemsTotal !== undefined) items = (items ?? 0) + itemsTotal;
    }
  }
  const last = batch;
  return {
    output: { units: seq, waves, items },
    opens,
    write: async (tx) => {
      const { noneWaits } = await writeBatch(tx, claim, last, { units: seq, items });
      await failpoint("plan.counted");
      return { isAlone: noneWaits && last.length === seq };
    },
  };
}

type NewUnit = { seq: number; wave: number; name: string; input: unknown; items_total: number | null };

/** Writes units of the plan, with the last ones what they are in all. */
async function writeBatch(tx: Ctx, claim: Claim, units: NewUnit[], total: { units: number; items: number | null } | null = null): Promise<{ noneWaits: boolean }> {
  const [held] = await tx.db.$queryRaw<{ noneWaits: boolean }[]>`${KEPT}
    with held as (
      select run_id from run_units where ${isHeld(claim)} for no key update
    ), written as (
      insert into run_units (run_id, seq, wave, name, input, items_total)
      select held.run_id, u.seq, u.wave, u.name, coalesce(u.input, 'null'), u.items_total
        from held, jsonb_to_recordset(${JSON.stringify(units)}::jsonb) u (seq int, wave int, name text, input jsonb, items_total int)
    ), counted as (
      update runs set units_total = ${total?.units ?? null}::int, items_total = ${total?.items ?? null}::int
        from held where runs.id = held.run_id and ${total !== null}::boolean
    )
    select not exists (select 1 from graphile_worker.jobs j where j.locked_at is null and j.run_at <= now() and j.attempts < j.max_attempts) as "noneWaits" from held`;
  if (!held) throw new SupersededError(claim);
  await failpoint("plan.batch");
  return held;
}

/** Which units of an ended run a retry of only what failed takes over: those that did not succeed, or not with every item. */
export const NOT_SUCCEEDED = sql`kind = 'work' and (status in ('failed', 'cancelled', 'skipped') or items_failed > 0)`;

/** The plan of such a retry: the same units with the same inputs, in the same waves. */
async function takeOverFailed(ctx: Ctx, claim: Claim, retryOf: number | null): Promise<Planned> {
  const { runId } = claim;
  if (retryOf === null) throw new Error("The run whose failed units were to be retried has been deleted. Start the stage anew.");
  const rows = await ctx.db.$queryRaw`select count(*) as units, count(distinct wave) as waves, sum(items_total) as items from run_units where run_id = ${retryOf} and ${NOT_SUCCEEDED}`;
  const [{ units, waves, items } = { units: 0, waves: 0, items: null }] = z.array(Taken).parse(rows);
  const write = async (tx: Ctx): Promise<Written> => {
    await tx.db.$executeRaw`
      insert into run_units (run_id, seq, kind, wave, name, input, items_total)
      select ${runId}, row_number() over (order by seq), 'work', wave, name, input, items_total
        from run_units
       where run_id = ${retryOf} and ${NOT_SUCCEEDED}`;
    await tx.db.$executeRaw`
      update runs set units_total = taken.units, items_total = taken.items
        from (select count(*)::int as units, sum(items_total)::int as items from run_units where run_id = ${runId} and kind = 'work') taken
       where id = ${runId}`;
    return { isAlone: false };
  };
  return { output: { units, waves, items, retryOf }, write: (tx) => writeHeld(tx, claim, write) };
}

function writeHeld<T>(ctx: Ctx, claim: Claim, fn: (tx: Ctx) => Promise<T>): Promise<T> {
  return inTransaction(ctx, async (tx) => {
    const held = await tx.db.$queryRaw<unknown[]>`select 1 from run_units where ${isHeld(claim)} for no key update`;
    if (held.length === 0) throw new SupersededError(claim);
    return fn(tx);
  });
}
