/**
 * What is run while the plug is pulled: units that do an effect in the outside world as a step, then write items, each in a
 * transaction of its own with its attempt beside it. No constraint of the database keeps an item from being written twice:
 * only the engine does.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Db } from "#lib/db/client";
import { definePipeline, defineStage, type SettleCtx, type UnitCtx, unit, wave } from "#lib/engine/define";

const Params = z.object({
  units: z.int().min(0).max(10_000).default(3),
  items: z.int().min(0).max(1_000).default(5),
  waves: z.int().min(1).max(10).default(1),
  sleepMs: z.int().min(0).default(0),
  /** Units, from the first, that fail once their effect is done. */
  failing: z.int().min(0).default(0),
  /** Units of this kind take a while, so that something may be done to them. */
  slow: z.enum(["plan", "work", "settle"]).nullable().default(null),
});
const SLOW_MS = 1_500;
type Params = z.infer<typeof Params>;

/** Where the outside world listens; set in a worker's environment. */
export const WORLD_VARIABLE = "CHAOS_WORLD";
/** The step that does the effect, as the engine keys it. */
export const EFFECT_STEP = "effect#1";

/** What the units write to. Made by the harness: it is no table of the product. */
export async function createWrites(db: Db): Promise<void> {
  await db.$executeRaw`create table if not exists chaos_writes (id bigint generated always as identity primary key, run_id bigint not null, seq int not null, attempt int not null, key text not null)`;
  await db.$executeRaw`create index if not exists chaos_writes_unit on chaos_writes (run_id, seq)`;
}

const Receipt = z.object({ receipt: z.number() });

async function doEffect(key: string, attempt: number, signal: AbortSignal): Promise<{ receipt: number }> {
  const response = await fetch(`${process.env[WORLD_VARIABLE]}/effect`, { method: "POST", body: JSON.stringify({ key, attempt }), signal });
  return Receipt.parse(await response.json());
}

type Acting = Pick<UnitCtx<Params>, "runId" | "unitSeq" | "attempt" | "write" | "step" | "idempotencyKey" | "signal" | "db">;

async function writeItem(ctx: Acting, key: string, isCounted: boolean): Promise<void> {
  await ctx.write(async (db, counted) => {
    await db.$executeRaw`insert into chaos_writes (run_id, seq, attempt, key) values (${ctx.runId}::bigint, ${ctx.unitSeq}::int, ${ctx.attempt}::int, ${key})`;
    if (isCounted) counted.done();
  });
}

/** Keys that earlier attempts have written: they cannot write any more, so what is not here is still to do. */
async function readWritten(ctx: Acting): Promise<Set<string>> {
  const rows = await ctx.db.$queryRaw<{ key: string }[]>`select key from chaos_writes where run_id = ${ctx.runId}::bigint and seq = ${ctx.unitSeq}::int`;
  return new Set(rows.map(({ key }) => key));
}

const act = (ctx: Acting) => ctx.step("effect", null, () => doEffect(ctx.idempotencyKey(EFFECT_STEP), ctx.attempt, ctx.signal));

const ledger = (name: string, needs: string[]) =>
  defineStage(name, {
    title: name,
    description: "Does an effect, and writes items",
    itemsName: "items",
    rowsName: "rows",
    rows: async () => 0,
    waiting: async () => 0,
    needs,
    exclusive: () => null,
    params: Params,
    plan: async function* ({ signal }, { units, waves, items, slow }) {
      if (slow === "plan") await sleep(SLOW_MS, undefined, { signal });
      const perWave = Math.ceil(units / waves);
      for (let first = 1; first <= units; first += perWave) yield wave(Array.from({ length: Math.min(perWave, units - first + 1) }, (_, index) => unit(`unit-${first + index}`, { number: first + index }, items)));
    },
    unit: async (ctx, { number }: { number: number }) => {
      const { items, sleepMs, failing, slow } = ctx.params;
      ctx.items.total(items);
      await act(ctx);
      if (slow === "work") await sleep(SLOW_MS, undefined, { signal: ctx.signal });
      if (number <= failing) throw new RangeError(`unit-${number} was told to fail`);
      const written = await readWritten(ctx);
      for (let item = 0; item < items; item += 1) {
        const key = `${number}/${item}`;
        if (written.has(key)) continue;
        if (sleepMs > 0) await sleep(sleepMs, undefined, { signal: ctx.signal });
        await writeItem(ctx, key, true);
      }
      ctx.log(`unit-${number} wrote ${items}`);
    },
    settle: async (ctx: SettleCtx<Params>) => {
      await act(ctx);
      if (ctx.params.slow === "settle") await sleep(SLOW_MS, undefined, { signal: ctx.signal });
      if (!(await readWritten(ctx)).has("settled")) await writeItem(ctx, "settled", false);
    },
  });

export const chaos = definePipeline("chaos", { title: "Chaos", description: "For pulling the plug", stages: [ledger("first", []), ledger("second", ["first"]), ledger("third", ["second"])] });
