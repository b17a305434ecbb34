import type { Ctx } from "#lib/ctx";
import { type Sql, sql } from "#lib/db/client";
import { durationOfBucket } from "../rules.ts";
import { type CellsOf, durationCells, whereRuns } from "./cells.ts";

/** In milliseconds. `isEstimate`: within 2.5 % (half of `DURATION_STEP`, and rounded) of one that occurred; otherwise one that did. */
export type Durations = { p50: number; p95: number; isEstimate: boolean };
export type DurationsByKey = { whole: Durations | null; of: Map<string, Durations> };

/** Up to so many runs durations are sorted one by one; for more they are taken from buckets, where there are any. */
const EXACT_UP_TO = 10_000;

/** Whether the durations can only be had by sorting every one of them. */
export const areDurationsRaw = (asked: CellsOf): boolean => durationCells(asked) === null;

type Stored = { isWhole: boolean; key: string | null; p50: number | null; p95: number | null };

/**
 * Percentiles of all that match and of each `key` (over `at`, pipeline, stage, status and triggered_by of `r`); keys without a
 * duration are missing. @param total about how many runs match
 */
export async function getDurations(ctx: Ctx, asked: CellsOf, key: Sql, total: number, exactUpTo = EXACT_UP_TO): Promise<DurationsByKey> {
  const cells = total > exactUpTo ? durationCells(asked) : null;
  const rows = await ctx.db.$queryRaw<Stored[]>(cells ? estimate(cells, key) : exact(asked, key));
  const found: DurationsByKey = { whole: null, of: new Map() };
  for (const row of rows) {
    if (row.p50 === null || row.p95 === null) continue;
    const durations = cells
      ? { p50: durationOfBucket(row.p50), p95: durationOfBucket(row.p95), isEstimate: true }
      : { p50: row.p50, p95: row.p95, isEstimate: false };
    if (row.isWhole) found.whole = durations;
    else found.of.set(row.key ?? "", durations);
  }
  return found;
}

/** `percentile_disc`: a duration that occurred. Every one that matches is sorted. */
const exact = (asked: CellsOf, key: Sql): Sql => sql`
  select grouping(k.key) = 1 as "isWhole", k.key::text as key,
         percentile_disc(0.5) within group (order by r.duration_ms) as p50,
         percentile_disc(0.95) within group (order by r.duration_ms) as p95
    from (select r.created_at as at, r.pipeline, r.stage, r.status, r.triggered_by, r.duration_ms from runs r ${whereRuns(asked)}) r
   cross join lateral (select ${key} as key) k
   where r.duration_ms is not null
   group by grouping sets ((), (k.key))`;

/** The first bucket up to which there is the share. */
const estimate = (cells: Sql, key: Sql): Sql => sql`
  with sums as (
    select grouping(k.key) as whole, k.key, r.bucket, sum(r.runs) as runs
      from (${cells}) r
     cross join lateral (select ${key} as key) k
     where r.bucket is not null
     group by grouping sets ((r.bucket), (k.key, r.bucket))
  ), ranked as (
    select whole, key, bucket, sum(runs) over (partition by whole, key order by bucket) as up_to, sum(runs) over (partition by whole, key) as total
      from sums
     where runs > 0
  )
  select whole = 1 as "isWhole", key::text,
         min(bucket) filter (where up_to >= 0.5 * total)::int as p50,
         min(bucket) filter (where up_to >= 0.95 * total)::int as p95
    from ranked
   group by whole, key`;
