import { inTransaction, type Ctx } from "#lib/ctx";
import { empty, sql } from "#lib/db/client";
import { type ResolvedFilter, resolveMe } from "#lib/filters/rules";
import { filterCondition } from "#lib/filters/sql/condition";
import type { RunsFilter } from "#lib/runs/filter";
import { listRuns } from "#lib/runs/queries";
import { isFinal } from "#lib/runs/rules";
import { RUN_COLUMNS, type RunRow, type StoredRunRow, toRunRow } from "#lib/runs/sql/run-row";
import { countByStatus } from "#lib/stats/queries";

/** Rows of one question to the database, each under the statement timeout of its own: some 10 ms of work at a time, and small enough for its garbage to die young. */
const BATCH_ROWS = 400;
/** How long counting may take, in milliseconds, before "at least" must do. */
const EXACT_MS = 1_500;
const BOUNDED_MS = 3_000;
/** As far as is counted one by one when an exact count takes too long. */
const AT_LEAST = 10_000;

export type RunCount = { value: number; kind: "exact" | "atLeast"; /** By the database's clock. */ asOf: Date };

/**
 * How many runs match: exact where that is quick, otherwise at least so many.
 *
 * @throws what PostgreSQL says of a statement that took too long, when not even that is to be had in time
 */
export async function countRuns(ctx: Ctx, tree: ResolvedFilter | null): Promise<RunCount> {
  try {
    const { total, computedAt } = await within(ctx, EXACT_MS, (tx) => countByStatus(tx, tree));
    return { value: total, kind: "exact", asOf: computedAt };
  } catch (error) {
    if (tree === null || !/57014|statement timeout/.test(String(error))) throw error;
  }
  const [counted] = await within(ctx, BOUNDED_MS, ({ db }) => db.$queryRaw<{ value: bigint; asOf: Date }[]>`
    select count(*) as value, statement_timestamp() as "asOf"
      from (select from runs r where ${filterCondition(tree)} limit ${AT_LEAST + 1}::int) found`);
  const value = Number(counted?.value ?? 0);
  return { value: Math.min(value, AT_LEAST), kind: value > AT_LEAST ? "atLeast" : "exact", asOf: counted?.asOf ?? new Date(0) };
}

const within = <T>(ctx: Ctx, ms: number, fn: (tx: Ctx) => Promise<T>): Promise<T> =>
  inTransaction(ctx, async (tx) => {
    await tx.db.$queryRaw`select set_config('statement_timeout', ${String(ms)}, true)`;
    return fn(tx);
  });

type Export = Pick<RunsFilter, "tree" | "sort" | "dir">;

/**
 * Every run that matches, in order, a batch at a time; nothing is read ahead.
 *
 * Each run that exists now and matches both now and when its turn comes is there exactly once: runs made meanwhile are
 * left out, and one that moves in the order because it begins or ends meanwhile is neither met twice nor passed over;
 * those that moved to where had been read already come last.
 */
export async function* readRuns(ctx: Ctx, filter: Export, { user = ctx.actor.name, signal }: { user?: string; signal?: AbortSignal } = {}): AsyncGenerator<RunRow[]> {
  const tree = filter.tree && resolveMe(filter.tree, user);
  const { lastId, moving } = await findEdge(ctx, tree);
  /** Of those that may move: who has been given already. */
  const given = new Set<number>();
  let cursor: string | null = null;
  do {
    signal?.throwIfAborted();
    const page: Awaited<ReturnType<typeof listRuns>> = await listRuns(ctx, { ...filter, cursor, limit: BATCH_ROWS }, user);
    const rows = page.rows.filter(({ id }) => id <= lastId && !given.has(id));
    for (const { id, status } of rows) if (moving.has(id) || !isFinal(status)) given.add(id);
    if (rows.length > 0) yield rows;
    cursor = page.nextCursor;
  } while (cursor !== null);

  const missed = [...moving].filter((id) => !given.has(id));
  for (let at = 0; at < missed.length; at += BATCH_ROWS) {
    signal?.throwIfAborted();
    const rows = await listMatching(ctx, tree, missed.slice(at, at + BATCH_ROWS));
    if (rows.length > 0) yield rows;
  }
}

/** The newest run, and the matching ones that have not ended: only those can still move in an order. */
async function findEdge(ctx: Ctx, tree: ResolvedFilter | null): Promise<{ lastId: number; moving: Set<number> }> {
  const [edge] = await ctx.db.$queryRaw<{ lastId: bigint | null; moving: bigint[] | null }[]>`
    select (select max(id) from runs) as "lastId",
           (select array_agg(r.id) from runs r where r.status in ('pending', 'running') ${tree ? sql`and ${filterCondition(tree)}` : empty}) as moving`;
  return { lastId: Number(edge?.lastId ?? 0), moving: new Set((edge?.moving ?? []).map(Number)) };
}

/** Of these runs, those that match still. */
async function listMatching(ctx: Ctx, tree: ResolvedFilter | null, ids: number[]): Promise<RunRow[]> {
  const found = await ctx.db.$queryRaw<StoredRunRow[]>`
    select ${RUN_COLUMNS} from runs r where r.id = any(${ids}::bigint[]) ${tree ? sql`and ${filterCondition(tree)}` : empty} order by r.id`;
  return found.map(toRunRow);
}
