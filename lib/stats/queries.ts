import type { Ctx } from "#lib/ctx";
import { empty, join, type Sql, sql } from "#lib/db/client";
import { hashOf, type ResolvedFilter } from "#lib/filters/rules";
import { filterCondition } from "#lib/filters/sql/condition";
import { RUN_STATUSES, type RunStatus } from "#lib/runs/rules";
import { MAX_GROUPS, type StatsBy } from "./fields.ts";
import { StatsCache, type StatusCounts, successRate, totalOf } from "./rules.ts";

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

/** The key of each breakdown. Days and hours begin in UTC and go by when the run was created. */
const KEYS: Record<StatsBy, Sql> = {
  status: sql`r.status::text`,
  stage: sql`r.pipeline || '/' || r.stage`,
  pipeline: sql`r.pipeline`,
  trigger: sql`r.triggered_by::text`,
  day: sql`date_trunc('day', r.created_at, 'UTC')`,
  hour: sql`date_trunc('hour', r.created_at, 'UTC')`,
};
/** An instant is put into words once a group, not once a run. */
const INSTANT = sql`to_char(k.key at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

export type StatsRow = {
  total: number;
  counts: StatusCounts;
  /** Ratio (0–1); null while no run was carried out. */
  successRate: number | null;
  /** Of runs that have ended, from start to end; null while there are none. */
  durationMs: { p50: number; p95: number } | null;
  itemsProcessed: number;
  itemsFailed: number;
  llmCalls: number;
  /** US dollars, of the calls whose price is known; null when none is. */
  llmCostUsd: number | null;
};
export type StatsGroup = StatsRow & { key: string };
export type RunStats = StatsRow & { asOf: Date; by: StatsBy | null; groups: StatsGroup[]; /** Whether there are more groups than are told. */ isCut: boolean };
export type RunStatsInput = { by: StatsBy | null; tree: ResolvedFilter | null };

type StoredStats = { isWhole: boolean; key: string | null; at: Date; total: bigint; /** In the order of RUN_STATUSES. */ counts: bigint[]; items: bigint | null; itemsFailed: bigint | null; p50: number | null; p95: number | null };
type StoredCost = { isWhole: boolean; key: string | null; calls: bigint; cost: number | null };

const STATUS_COUNTS = join(RUN_STATUSES.map((status) => sql`count(*) filter (where r.status = ${status}::run_status)`));

/**
 * Totals, success, durations, items and cost of the runs that match, as a whole and by `by`.
 * Percentiles are exact (`percentile_disc`: a duration that occurred), so every matching duration is sorted once.
 */
export async function getRunStats(ctx: Ctx, { by, tree }: RunStatsInput): Promise<RunStats> {
  const where = tree ? sql`where ${filterCondition(tree)}` : empty;
  const key = by ? KEYS[by] : sql`null::text`;
  const sets = by ? sql`grouping sets ((), (k.key))` : sql`grouping sets (())`;
  const isWhole = by ? sql`grouping(k.key) = 1` : sql`true`;
  const isTime = by === "day" || by === "hour";
  const named = isTime ? INSTANT : by ? sql`k.key` : sql`null::text`;
  const [found, costs] = await Promise.all([
    ctx.db.$queryRaw<StoredStats[]>`
      select ${isWhole} as "isWhole", ${named} as key, statement_timestamp() as at, count(*) as total, array[${STATUS_COUNTS}] as counts,
             sum(r.items_processed) as items, sum(r.items_failed) as "itemsFailed",
             percentile_disc(0.5) within group (order by r.duration_ms) as p50,
             percentile_disc(0.95) within group (order by r.duration_ms) as p95
        from runs r
       cross join lateral (select ${key} as key) k
             ${where}
       group by ${sets}
       order by 1 desc, ${isTime ? sql`2 desc` : sql`4 desc, 2`}
       limit ${MAX_GROUPS + 2}::int`,
    ctx.db.$queryRaw<StoredCost[]>`
      select ${isWhole} as "isWhole", ${named} as key, count(*) as calls, sum(c.cost_usd)::float8 as cost
        from llm_calls c
        join runs r on r.id = c.run_id
       cross join lateral (select ${key} as key) k
             ${where}
       group by ${sets}`,
  ]);
  const costOf = new Map(costs.map((cost) => [cost.isWhole ? null : cost.key, cost]));
  const toRow = (row: StoredStats): StatsRow => {
    const counts: StatusCounts = Object.fromEntries(RUN_STATUSES.flatMap((status, index) => (row.counts[index] ? [[status, Number(row.counts[index])]] : [])));
    const cost = costOf.get(row.isWhole ? null : row.key);
    return {
      total: Number(row.total),
      counts,
      successRate: successRate(counts),
      durationMs: row.p50 === null || row.p95 === null ? null : { p50: row.p50, p95: row.p95 },
      itemsProcessed: Number(row.items ?? 0),
      itemsFailed: Number(row.itemsFailed ?? 0),
      llmCalls: Number(cost?.calls ?? 0),
      llmCostUsd: cost?.cost ?? null,
    };
  };
  const whole = found.find((row) => row.isWhole);
  if (!whole) throw new Error("Statistics without a row for the whole");
  const groups = found.filter((row) => !row.isWhole).map((row) => ({ key: row.key ?? "", ...toRow(row) }));
  return { asOf: whole.at, by, ...toRow(whole), groups: groups.slice(0, MAX_GROUPS), isCut: groups.length > MAX_GROUPS };
}

/** The same, at most `STATS_TTL_MS` old, and asked of the database once however many ask at the same time. */
export function getCachedRunStats(ctx: Ctx, input: RunStatsInput): Promise<RunStats> {
  return statsCacheOf(ctx).get(`runs:${input.by}:${hashOf(input.tree)}`, performance.now(), () => getRunStats(ctx, input));
}
