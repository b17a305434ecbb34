import { inTransaction, type Ctx } from "#lib/ctx";
import type { Json, Stage, UnitPlan } from "./define.ts";
import { SupersededError } from "./run-context.ts";
import { isHeld, type Claim } from "./settle.ts";

/** Units written per transaction while planning. */
const BATCH = 1_000;

/**
 * Writes the run's units, wave by wave, as its stage plans them. Nothing of them is due before the planning unit ends,
 * so an attempt that died in the middle is simply planned again.
 */
export async function planRun(ctx: Ctx, claim: Claim, stage: Stage, params: unknown, signal: AbortSignal, log: (line: string) => void): Promise<Json> {
  const { runId } = claim;
  await writeHeld(ctx, claim, (tx) => tx.db.runUnit.deleteMany({ where: { runId, kind: "work" } }));
  let seq = 0;
  let waves = 0;
  let items: number | null = null;
  for await (const units of stage.plan({ runId, db: ctx.db, signal, log }, params)) {
    if (units.length === 0) continue;
    waves += 1;
    for (let from = 0; from < units.length; from += BATCH) {
      signal.throwIfAborted();
      const batch = units.slice(from, from + BATCH) as UnitPlan<object>[];
      const rows = batch.map(({ name, input, itemsTotal }, index) => ({ runId, seq: seq + index + 1, wave: waves, name, input, itemsTotal }));
      await writeHeld(ctx, claim, (tx) => tx.db.runUnit.createMany({ data: rows }));
      seq += batch.length;
      items = batch.reduce<number | null>((sum, { itemsTotal }) => (itemsTotal === undefined ? sum : (sum ?? 0) + itemsTotal), items);
    }
  }
  await writeHeld(ctx, claim, (tx) => tx.db.$executeRaw`update runs set units_total = ${seq}, items_total = ${items} where id = ${runId}`);
  return { units: seq, waves, items };
}

function writeHeld(ctx: Ctx, claim: Claim, fn: (tx: Ctx) => Promise<unknown>): Promise<void> {
  return inTransaction(ctx, async (tx) => {
    const held = await tx.db.$queryRaw<unknown[]>`select 1 from run_units where ${isHeld(claim)} for no key update`;
    if (held.length === 0) throw new SupersededError(claim);
    await fn(tx);
  });
}
