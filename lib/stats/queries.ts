import type { Ctx } from "#lib/ctx";
import { empty, type Sql, sql } from "#lib/db/client";
import { filterCondition } from "#lib/filters/sql/condition";
import { hashOf, type ResolvedFilter } from "#lib/filters/rules";
import type { RunStatus } from "#lib/runs/rules";
import { StatsCache, type StatusCounts, totalOf } from "./rules.ts";

const held = globalThis as { penstockStats?: WeakMap<object, StatsCache> };

/** One cache a database client; on `globalThis` because the bundler gives each route a copy of this module. */
export function statsCacheOf(ctx: Ctx): StatsCache {
  held.penstockStats ??= new WeakMap();
  const cache = held.penstockStats.get(ctx.db) ?? new StatsCache();
  held.penstockStats.set(ctx.db, cache);
  return cache;
}

export const whereFilter = (tree: ResolvedFilter | null): Sql => (tree ? sql`where ${filterCondition(tree)}` : empty);

export type RunCounts = { total: number; counts: StatusCounts; /** When it was counted, by the database's clock. */ computedAt: Date };

/**
 * Runs that match `tree` (null: all) by status: one `GROUP BY`, whose counts are the total because they are added up to it.
 * The time comes from the same statement, so it is that of the snapshot that was counted.
 */
export async function countByStatus(ctx: Ctx, tree: ResolvedFilter | null): Promise<RunCounts> {
  const rows = await ctx.db.$queryRaw<{ status: RunStatus | null; count: bigint; at: Date }[]>`
    select counted.status, coalesce(counted.count, 0) as count, clock.at
      from (select statement_timestamp() as at) clock
      left join (select r.status, count(*) as count
                   from runs r
                        ${whereFilter(tree)}
                  group by r.status) counted on true`;
  const counts: StatusCounts = {};
  for (const { status, count } of rows) if (status !== null) counts[status] = Number(count);
  return { total: totalOf(counts), counts, computedAt: rows[0]?.at ?? new Date(0) };
}

/** The same, at most `STATS_TTL_MS` old, and asked of the database once however many ask at the same time. */
export function getCachedCounts(ctx: Ctx, tree: ResolvedFilter | null): Promise<RunCounts> {
  return statsCacheOf(ctx).get(`status:${hashOf(tree)}`, performance.now(), () => countByStatus(ctx, tree));
}
