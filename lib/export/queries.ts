import { allow } from "#lib/access/rules";
import { inTransaction, type Ctx } from "#lib/ctx";
import { empty, sql } from "#lib/db/client";
import { type ResolvedFilter, resolveMe } from "#lib/filters/rules";
import { filterCondition } from "#lib/filters/sql/condition";
import type { RunsFilter } from "#lib/runs/address";
import { listRuns } from "#lib/runs/queries";
import { isFinal } from "#lib/runs/rules";
import { RUN_COLUMNS, type RunRow, type StoredRunRow, toRunRow } from "#lib/runs/sql/run-row";

/** Rows of one question to the database, each under the statement timeout of its own: some 10 ms of work at a time, and small enough for its garbage to die young. */
const BATCH_ROWS = 400;

type Export = Pick<RunsFilter, "tree" | "sort" | "dir">;

/**
 * Every run that matches, in order, a batch at a time; nothing is read ahead.
 *
 * Each run that exists now and matches both now and when its turn comes is there exactly once: runs made meanwhile are
 * left out, and one that moves in the order because it begins or ends meanwhile is neither met twice nor passed over;
 * those that moved to where had been read already come last.
 */
export async function* readRuns(ctx: Ctx, filter: Export, { user = ctx.actor.name, signal }: { user?: string; signal?: AbortSignal } = {}): AsyncGenerator<RunRow[]> {
  allow(ctx, "runs.export");
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
