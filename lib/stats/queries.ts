import { allow } from "#lib/access/rules";
import { type Ctx, inTransaction } from "#lib/ctx";
import { join, type Sql, sql } from "#lib/db/client";
import { AppError } from "#lib/errors";
import { hashOf, type ResolvedFilter } from "#lib/filters/rules";
import { filterCondition } from "#lib/filters/sql/condition";
import { RUN_STATUSES, type RunStatus } from "#lib/runs/rules";
import { MAX_GROUPS, type StatsBy } from "./fields.ts";
import { addCounts, type Bars, barsOf, DAY_MS, HOUR_MS, MINUTE_MS, StatsCache, type StatusCounts, successRate, totalOf } from "./rules.ts";
import { type CellsOf, runCells, whereRuns } from "./sql/cells.ts";
import { areDurationsRaw, type Durations, type DurationsByKey, getDurations } from "./sql/durations.ts";
import type { Span } from "./sql/plan.ts";

export type { Durations };

const held = globalThis as { penstockStats?: WeakMap<object, StatsCache> };

/** One cache a database client; on `globalThis` because the bundler gives each route a copy of this module. */
export function statsCacheOf(ctx: Ctx): StatsCache {
  held.penstockStats ??= new WeakMap();
  const cache = held.penstockStats.get(ctx.db) ?? new StatsCache();
  held.penstockStats.set(ctx.db, cache);
  return cache;
}

export type RunCounts = { total: number; counts: StatusCounts; /** When it was counted, by the database's clock. */ computedAt: Date };

/**
 * Runs that match `tree` (null: all) by status, exact: one `GROUP BY` over rollups, or over the runs themselves when rollups
 * do not know what is asked. The total is its counts added up, and the time that of the snapshot that was counted.
 */
export async function countByStatus(ctx: Ctx, tree: ResolvedFilter | null): Promise<RunCounts> {
  allow(ctx, "runs.read");
  const rows = await ctx.db.$queryRaw<{ status: RunStatus | null; count: bigint; at: Date }[]>`
    select counted.status, coalesce(counted.count, 0) as count, clock.at
      from (select statement_timestamp() as at) clock
      left join (select r.status, sum(r.runs)::bigint as count
                   from (${runCells({ tree, resolution: "ever" }, false)}) r
                  group by r.status
                 having sum(r.runs) > 0) counted on true`;
  const counts: StatusCounts = {};
  for (const { status, count } of rows) if (status !== null) counts[status] = Number(count);
  return { total: totalOf(counts), counts, computedAt: rows[0]?.at ?? new Date(0) };
}

/** The same, at most `STATS_TTL_MS` old, and asked of the database once however many ask at the same time. */
export async function getCachedCounts(ctx: Ctx, tree: ResolvedFilter | null): Promise<RunCounts> {
  allow(ctx, "runs.read");
  return statsCacheOf(ctx).get(`status:${hashOf(tree)}`, performance.now(), () => countByStatus(ctx, tree));
}

/** The key of each breakdown. Days and hours begin in UTC, go by when the run was created, and are read in UTC, as the session's zone is. */
const KEYS: Record<StatsBy, Sql> = {
  status: sql`r.status::text`,
  stage: sql`r.pipeline || '/' || r.stage`,
  pipeline: sql`r.pipeline`,
  trigger: sql`r.triggered_by::text`,
  day: sql`date_bin('1 day', r.at, 'epoch')`,
  hour: sql`date_bin('1 hour', r.at, 'epoch')`,
};
const isTime = (by: StatsBy | null): by is "day" | "hour" => by === "day" || by === "hour";

export type StatsRow = {
  total: number;
  counts: StatusCounts;
  /** Ratio (0–1); null while no run was carried out. */
  successRate: number | null;
  /** Of runs that have ended, from start to end; null while there are none. */
  durationMs: Durations | null;
  itemsProcessed: number;
  itemsFailed: number;
  llmCalls: number;
  /** US dollars, of the calls whose price is known; null when none is. */
  llmCostUsd: number | null;
};
export type StatsGroup = StatsRow & { key: string };
export type RunStats = StatsRow & { asOf: Date; by: StatsBy | null; groups: StatsGroup[]; /** Whether there are more groups than are told. */ isCut: boolean };
export type RunStatsInput = { by: StatsBy | null; tree: ResolvedFilter | null };

type StoredStats = {
  isWhole: boolean;
  key: string | null;
  at: Date;
  /** In the order of RUN_STATUSES. */
  counts: (bigint | null)[];
  items: bigint | null;
  itemsFailed: bigint | null;
  calls: bigint | null;
  priced: bigint | null;
  cost: number | null;
};

const STATUS_COUNTS = join(RUN_STATUSES.map((status) => sql`(sum(r.runs) filter (where r.status = ${status}::run_status))::bigint`));

const countsOf = (counts: (bigint | null)[]): StatusCounts =>
  Object.fromEntries(RUN_STATUSES.flatMap((status, index) => (counts[index] ? [[status, Number(counts[index])]] : [])));

/**
 * Totals, success, durations, items and cost of the runs that match, as a whole and by `by`; all but durations are exact.
 *
 * @param exactUpTo how many runs may match for their durations to be sorted one by one, see `getDurations`
 */
export async function getRunStats(ctx: Ctx, { by, tree }: RunStatsInput, exactUpTo?: number): Promise<RunStats> {
  allow(ctx, "runs.read");
  const asked: CellsOf = { tree, resolution: isTime(by) ? by : "ever", byTrigger: by === "trigger" };
  const key = by ? KEYS[by] : sql`null::text`;
  const askDurations = (total: number): Promise<DurationsByKey> => getDurations(ctx, asked, key, total, exactUpTo);
  // Where durations are sorted in any case, they need not wait to hear of how many.
  const early = areDurationsRaw(asked) ? askDurations(0) : null;
  early?.catch(() => {});
  const found = await ctx.db.$queryRaw<StoredStats[]>`
    select grouping(k.key) = 1 as "isWhole", k.key::text as key, statement_timestamp() as at, array[${STATUS_COUNTS}] as counts,
           sum(r.items)::bigint as items, sum(r.items_failed)::bigint as "itemsFailed",
           sum(r.llm_calls)::bigint as calls, sum(r.llm_priced)::bigint as priced, sum(r.llm_cost_usd)::float8 as cost
      from (${runCells(asked)}) r
     cross join lateral (select ${key} as key) k
     group by grouping sets ((), (k.key))
    having grouping(k.key) = 1 or sum(r.runs) > 0
     order by 1 desc, ${isTime(by) ? sql`k.key` : sql`sum(r.runs)`} desc, 2
     limit ${MAX_GROUPS + 2}::int`;
  const [whole, ...groups] = found;
  if (!whole?.isWhole) throw new Error("Statistics without a row for the whole");
  const durations = await (early ?? askDurations(totalOf(countsOf(whole.counts))));
  const toRow = (row: StoredStats, durationMs: Durations | null): StatsRow => {
    const counts = countsOf(row.counts);
    return {
      total: totalOf(counts),
      counts,
      successRate: successRate(counts),
      durationMs,
      itemsProcessed: Number(row.items ?? 0),
      itemsFailed: Number(row.itemsFailed ?? 0),
      llmCalls: Number(row.calls ?? 0),
      llmCostUsd: row.priced ? row.cost : null,
    };
  };
  const told = by ? groups.slice(0, MAX_GROUPS) : [];
  return {
    asOf: whole.at,
    by,
    ...toRow(whole, durations.whole),
    groups: told.map((row) => ({ key: isTime(by) ? instantOf(row.key) : (row.key ?? ""), ...toRow(row, durations.of.get(row.key ?? "") ?? null) })),
    isCut: by !== null && groups.length > MAX_GROUPS,
  };
}

/** @param text as PostgreSQL writes an instant in UTC */
const instantOf = (text: string | null): string => (text ?? "").replace(" ", "T").replace("+00", "Z");

/** How many runs that match each `by` has, the most first: what is asked when nothing but numbers of runs is wanted. Cached. */
export async function getCachedCountsBy(ctx: Ctx, by: Exclude<StatsBy, "day" | "hour">, tree: ResolvedFilter | null): Promise<{ asOf: Date; groups: { key: string; count: number }[] }> {
  allow(ctx, "runs.read");
  return statsCacheOf(ctx).get(`counts:${by}:${hashOf(tree)}`, performance.now(), async () => {
    const rows = await ctx.db.$queryRaw<{ at: Date; key: string | null; count: bigint | null }[]>`
      select clock.at, counted.key, counted.count
        from (select statement_timestamp() as at) clock
        left join (select ${KEYS[by]} as key, sum(r.runs)::bigint as count
                     from (${runCells({ tree, resolution: "ever", byTrigger: by === "trigger" }, false)}) r
                    group by 1
                   having sum(r.runs) > 0
                    order by 2 desc
                    limit ${MAX_GROUPS}::int) counted on true`;
    return { asOf: rows[0]?.at ?? new Date(0), groups: rows.flatMap(({ key, count }) => (key === null ? [] : [{ key, count: Number(count) }])) };
  });
}

/** The same, at most `STATS_TTL_MS` old, and asked of the database once however many ask at the same time. */
export async function getCachedRunStats(ctx: Ctx, input: RunStatsInput): Promise<RunStats> {
  allow(ctx, "runs.read");
  return statsCacheOf(ctx).get(`runs:${input.by}:${hashOf(input.tree)}`, performance.now(), () => getRunStats(ctx, input));
}

export type RunSeriesInput = { tree: ResolvedFilter | null; from: Date; to: Date; /** Bars at most, 2 to 500. */ buckets?: number };
export type RunSeries = { asOf: Date; bucketMs: number; buckets: { start: Date; counts: StatusCounts; durationMs: Durations | null }[] };

/**
 * Runs over time by status, in bars of a minute to some weeks, as many as fit, empty ones included. Bars are whole: the first
 * begins at or before `from`, the last ends at or after `to`. Below an hour the runs themselves are read. Cached as all statistics.
 *
 * @throws AppError INVALID when `from` is not before `to`.
 */
export async function getRunSeries(ctx: Ctx, { tree, from, to, buckets = 60 }: RunSeriesInput, exactUpTo?: number): Promise<RunSeries> {
  allow(ctx, "runs.read");
  checkSpan(from, to);
  const bars = barsOf(from.getTime(), to.getTime(), Math.min(500, Math.max(2, Math.trunc(buckets))));
  const key = `series:${bars.startMs}:${bars.widthMs}:${bars.count}:${hashOf(tree)}`;
  return statsCacheOf(ctx).get(key, performance.now(), () => computeSeries(ctx, tree, bars, exactUpTo));
}

async function computeSeries(ctx: Ctx, tree: ResolvedFilter | null, { startMs, widthMs, count }: Bars, exactUpTo?: number): Promise<RunSeries> {
  const asked: CellsOf = {
    tree,
    within: { from: startMs, to: startMs + count * widthMs },
    resolution: widthMs % DAY_MS === 0 ? "day" : widthMs % HOUR_MS === 0 ? "hour" : "instant",
  };
  const bar = slotOf(startMs, widthMs);
  const rows = await ctx.db.$queryRaw<{ at: Date; bar: string | null; counts: (bigint | null)[] }[]>`
    select clock.at, counted.bar::text, counted.counts
      from (select statement_timestamp() as at) clock
      left join (select ${bar} as bar, array[${STATUS_COUNTS}] as counts
                   from (${runCells(asked, false)}) r
                  group by 1) counted on true`;
  const countsOfBar = new Map(rows.map((row) => [row.bar, countsOf(row.counts ?? [])]));
  const total = [...countsOfBar.values()].reduce((sum, counts) => sum + totalOf(counts), 0);
  const durations = await getDurations(ctx, asked, bar, total, exactUpTo);
  const starts = Array.from({ length: count }, (_, n) => new Date(startMs + n * widthMs));
  return {
    asOf: rows[0]?.at ?? new Date(0),
    bucketMs: widthMs,
    buckets: starts.map((start) => ({ start, counts: countsOfBar.get(textOf(start)) ?? {}, durationMs: durations.of.get(textOf(start)) ?? null })),
  };
}

/** As PostgreSQL writes it in UTC, the zone of our sessions. */
const textOf = (instant: Date): string => `${instant.toISOString().slice(0, 19).replace("T", " ")}+00`;

/** When the slot of this width begins, counted from `startMs`, in which a cell does. */
const slotOf = (startMs: number, widthMs: number): Sql => sql`date_bin(${widthMs}::float8 * interval '1 millisecond', r.at, ${new Date(startMs).toISOString()}::timestamptz)`;

function checkSpan(from: Date, to: Date): void {
  if (from < to) return;
  const message = "is not before to";
  throw new AppError("INVALID", `The time from ${String(from)} to ${String(to)} is none: from ${message}.`, { faults: [{ path: "from", message }] });
}

const SPARKS = 24;
type HealthFigures = { total: number; successRate: number | null; durationMs: Durations | null };
export type StageHealth = HealthFigures & {
  pipeline: string;
  stage: string;
  counts: StatusCounts;
  /** The same of as much time before `from`. */
  before: HealthFigures;
  /** Runs, and failed ones among them, of each 24th of the time; a run of the hour in which one ends may be told in its neighbour. */
  spark: number[];
  sparkFailed: number[];
  /** The newest that matches, created in this time or that before. */
  last: { id: number; status: RunStatus; startedAt: Date | null; completedAt: Date | null } | null;
};
export type StageHealthInput = { tree: ResolvedFilter | null; from: Date; to: Date };

/**
 * How each stage that had matching runs between `from` and `to`, or as long before, is doing; by name. Both are taken to the
 * minute. Cached as all statistics.
 *
 * @throws AppError INVALID when `from` is not before `to`.
 */
export async function getStageHealth(ctx: Ctx, { tree, from, to }: StageHealthInput, exactUpTo?: number): Promise<{ asOf: Date; stages: StageHealth[] }> {
  allow(ctx, "runs.read");
  checkSpan(from, to);
  const now = { from: Math.floor(from.getTime() / MINUTE_MS) * MINUTE_MS, to: Math.ceil(to.getTime() / MINUTE_MS) * MINUTE_MS };
  return statsCacheOf(ctx).get(`health:${now.from}:${now.to}:${hashOf(tree)}`, performance.now(), () => computeHealth(ctx, tree, now, exactUpTo));
}

type StoredSlot = { at: Date; pipeline: string | null; stage: string; isBefore: boolean; slot: Date | null; counts: (bigint | null)[] };

async function computeHealth(ctx: Ctx, tree: ResolvedFilter | null, now: Span, exactUpTo?: number): Promise<{ asOf: Date; stages: StageHealth[] }> {
  const widthMs = (now.to - now.from) / SPARKS;
  const earlier: Span = { from: 2 * now.from - now.to, to: now.from };
  const rows = await ctx.db.$queryRaw<StoredSlot[]>`
    select clock.at, counted.*
      from (select statement_timestamp() as at) clock
      left join (select r.pipeline, r.stage, r.is_before as "isBefore", r.slot, array[${STATUS_COUNTS}] as counts
                   from (select r.*, false as is_before, ${slotOf(now.from, widthMs)} as slot
                           from (${runCells({ tree, within: now, resolution: widthMs > HOUR_MS ? "hour" : "instant" }, false)}) r
                          union all
                         select r.*, true, null
                           from (${runCells({ tree, within: earlier, resolution: "ever" }, false)}) r) r
                  group by 1, 2, 3, 4) counted on true`;
  const total = (isBefore: boolean) => rows.reduce((sum, row) => sum + (row.pipeline !== null && row.isBefore === isBefore ? totalOf(countsOf(row.counts)) : 0), 0);
  const durations = (within: Span, isBefore: boolean) => getDurations(ctx, { tree, within, resolution: "ever" }, KEYS.stage, total(isBefore), exactUpTo);
  const stages = Map.groupBy(rows.filter(({ pipeline }) => pipeline !== null), ({ pipeline, stage }) => `${pipeline}/${stage}`);
  const [durationsNow, durationsBefore, last] = await Promise.all([
    durations(now, false),
    durations(earlier, true),
    listLast(ctx, [...stages.values()].flatMap(([row]) => (row?.pipeline ? [[row.pipeline, row.stage]] : [])), { tree, within: { from: earlier.from, to: now.to } }),
  ]);
  const figures = (slots: StoredSlot[], of: DurationsByKey, name: string): HealthFigures & { counts: StatusCounts } => {
    const counts = addCounts(slots.map((slot) => countsOf(slot.counts)));
    return { total: totalOf(counts), counts, successRate: successRate(counts), durationMs: of.of.get(name) ?? null };
  };
  return {
    asOf: rows[0]?.at ?? new Date(0),
    stages: [...stages].map(([name, slots]): StageHealth => {
      const [{ pipeline, stage } = { pipeline: null, stage: "" }] = slots;
      const own = Array.from({ length: SPARKS }, (_, n) => addCounts(slots.filter(({ slot }) => slot?.getTime() === now.from + n * widthMs).map((slot) => countsOf(slot.counts))));
      const { counts: _, ...before } = figures(slots.filter(({ isBefore }) => isBefore), durationsBefore, name);
      return {
        pipeline: pipeline ?? "", stage, ...figures(slots.filter(({ isBefore }) => !isBefore), durationsNow, name), before,
        spark: own.map(totalOf), sparkFailed: own.map(({ failed = 0 }) => failed), last: last.get(name) ?? null,
      };
    }).toSorted((a, b) => a.pipeline.localeCompare(b.pipeline) || a.stage.localeCompare(b.stage)),
  };
}

/**
 * The newest run of each name, by walking back over runs (pipeline, stage, id) to the first that matches: there is one, so the
 * walk is short. `offset 0` keeps the conditions out of the walk; PostgreSQL would gather and sort all that match instead.
 */
async function listLast(ctx: Ctx, names: string[][], asked: Pick<CellsOf, "tree" | "within">): Promise<Map<string, NonNullable<StageHealth["last"]>>> {
  if (names.length === 0) return new Map();
  const rows = await ctx.db.$queryRaw<{ name: string; id: bigint; status: RunStatus; startedAt: Date | null; completedAt: Date | null }[]>`
    select n.pipeline || '/' || n.stage as name, r.*
      from (values ${join(names.map(([pipeline, stage]) => sql`(${pipeline}, ${stage})`))}) n (pipeline, stage)
     cross join lateral (select r.id, r.status, r.started_at as "startedAt", r.completed_at as "completedAt"
                           from (select * from runs s where s.pipeline = n.pipeline and s.stage = n.stage order by s.id desc offset 0) r
                                ${whereRuns(asked)}
                          limit 1) r`;
  return new Map(rows.map(({ name, id, ...last }) => [name, { id: Number(id), ...last }]));
}

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
  allow(ctx, "runs.read");
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

/** The same, at most 45 s old, and asked once however many ask. */
export async function getCachedTotal(ctx: Ctx, tree: ResolvedFilter | null): Promise<RunCount> {
  allow(ctx, "runs.read");
  return statsCacheOf(ctx).get(`total:${hashOf(tree)}`, performance.now(), () => countRuns(ctx, tree));
}
