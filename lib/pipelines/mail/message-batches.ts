/** How the stages that look at one message after another plan their units and go through them. */
import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import { type Db, type Sql, sql } from "#lib/db/client";
import { type Items, type Json, type PlanCtx, type UnitCtx, unit, type Wave, wave } from "#lib/engine/define";
import { storable } from "#lib/db/storable";

export type Range = { fromId: number; toId: number };

/** Counting stops here: whoever has more reads "a million and more" as well. */
export const COUNT_LIMIT = 1_000_000;
/** Messages read and written at once. */
const CHUNK = 50;
/** The first ones of an attempt: a unit whose worker is killed again and again shows soon that it gets further, and is no poison. */
const FIRST_CHUNK = 10;
const UNITS_PER_QUERY = 500;

export const BatchParams = z.object({
  batchSize: z.int().min(10).max(5_000).default(200).describe("Messages per unit: the piece of the run that one worker takes at a time."),
});
export type BatchParams = z.infer<typeof BatchParams>;

/** What waits, as ranges of ids with about `batchSize` waiting messages each; all of them may run in parallel. */
export async function* planRanges({ db, signal }: PlanCtx, waits: Sql, { batchSize }: BatchParams): AsyncGenerator<Wave<Range>> {
  const units: Wave<Range> = [];
  for (let after = 0; ; ) {
    signal.throwIfAborted();
    const parts = await db.$queryRaw<{ from: bigint; to: bigint; count: number }[]>`
      select min(id) as "from", max(id) as "to", count(*)::int as count
        from (select id, (row_number() over (order by id) - 1) / ${batchSize}::int as part
                from mail_messages where ${waits} and id > ${after} order by id limit ${batchSize * UNITS_PER_QUERY}::int) s
       group by part order by part`;
    units.push(...parts.map(({ from, to, count }) => unit(`messages ${from}-${to}`, { fromId: Number(from), toId: Number(to) }, count)));
    after = Number(parts.at(-1)?.to ?? 0);
    if (parts.length < UNITS_PER_QUERY) break;
  }
  yield wave(units);
}

/**
 * Goes through what still waits of a range, chunk by chunk. `work` gets the chunk's ids, and returns what to write;
 * it is written, marked and counted in one transaction, so that another attempt does only what is left.
 */
export async function eachChunk(
  ctx: UnitCtx<BatchParams>,
  { fromId, toId }: Range,
  waits: Sql,
  work: (ids: number[]) => Promise<{ write: (db: Db, items: Items) => Promise<void>; output: Record<string, Json> }>,
): Promise<void> {
  for (let after = fromId - 1, size = FIRST_CHUNK; ; size = CHUNK) {
    ctx.signal.throwIfAborted();
    const waiting = await ctx.db.$queryRaw<{ id: bigint }[]>`
      select id from mail_messages where ${waits} and id > ${after} and id <= ${toId} order by id limit ${size}::int`;
    const ids = waiting.map(({ id }) => Number(id));
    const last = ids.at(-1);
    if (last === undefined) return;
    await ctx.step(`messages ${ids[0]}-${last}`, { messages: ids.length }, async () => {
      const { write, output } = await work(ids);
      await ctx.write(write);
      return output;
    });
    after = last;
  }
}

/** Lets timers and sockets have their turn between messages, and ends the work when the run is cancelled. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}

/** Rows for `jsonb_to_recordset`: one parameter however many columns and rows, and no text that PostgreSQL refuses. */
export const rowsJson = (rows: readonly object[]): string => JSON.stringify(rows, (_, value: unknown) => (typeof value === "string" ? storable(value) : value));

/** How many rows `from` has, at most `COUNT_LIMIT`. */
export async function countRows(db: Db, from: Sql): Promise<number> {
  const [counted] = await db.$queryRaw<{ count: number }[]>`select count(*)::int as count from (select 1 from ${from} limit ${COUNT_LIMIT}) s`;
  return counted?.count ?? 0;
}

export const countWaiting = (db: Db, waits: Sql): Promise<number> => countRows(db, sql`mail_messages where ${waits}`);
