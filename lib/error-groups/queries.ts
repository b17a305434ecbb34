import { allow } from "#lib/access/rules";
import { type CauseHint, findCause } from "#lib/causes/rules";
import { listCauseRules } from "#lib/causes/queries";
import type { Ctx } from "#lib/ctx";
import { empty, join, KEPT, type Sql, sql } from "#lib/db/client";
import { AppError } from "#lib/errors";
import type { RunStatus } from "#lib/runs/rules";
import { type Order, type Page, readPage } from "#lib/table/read-page";
import type { ErrorGroupSort } from "./fields.ts";
import { type ErrorGroupsFilter, errorGroupsListHash, findCursor } from "./filter.ts";
import type { ErrorGroupStatus } from "./rules.ts";
import { ERROR_GROUP_COLUMNS, type ErrorGroupRow, type StoredErrorGroupRow, toErrorGroupRow } from "./sql/group-row.ts";

/** Failures in one day or hour that begins at `at`, UTC; those without any are there with 0. */
export type TrendPoint = { at: Date; count: number };
export type ErrorGroupListRow = ErrorGroupRow & { /** The last 14 days, oldest first. */ days: TrendPoint[] };

const TREND_DAYS = 14;
const TREND_HOURS = 24;

const ORDERS: Record<ErrorGroupSort, Order<ErrorGroupRow>> = {
  last_seen: { key: sql`g.last_seen`, bound: (value) => sql`${value}::timestamptz`, value: (row) => row.lastSeen.toISOString() },
  first_seen: { key: sql`g.first_seen`, bound: (value) => sql`${value}::timestamptz`, value: (row) => row.firstSeen.toISOString() },
  count: { key: sql`g.count`, bound: (value) => sql`${value}::bigint`, value: (row) => row.count },
};

/**
 * Error groups that match `filter`, `filter.limit` at most, each with its last 14 days; the id breaks ties.
 *
 * Within one status an index range scan; over all of them, and for a search, one pass over the groups, of which there
 * are some thousands. Nothing is counted. A group that fails while one pages may move to the front.
 *
 * @throws AppError INVALID when the cursor is broken or belongs to another filter.
 */
export async function listErrorGroups(ctx: Ctx, filter: ErrorGroupsFilter): Promise<Page<ErrorGroupListRow>> {
  allow(ctx, "runs.read");
  const page = await readPage<StoredErrorGroupRow, ErrorGroupRow>({
    db: ctx.db,
    select: sql`select ${ERROR_GROUP_COLUMNS} from error_groups g`,
    id: sql`g.id`,
    order: ORDERS[filter.sort],
    descending: true,
    conditions: groupConditions(filter),
    limit: filter.limit,
    given: filter.cursor,
    cursor: findCursor(filter),
    listHash: errorGroupsListHash(filter),
    toRow: toErrorGroupRow,
  });
  const days = await readTrends(ctx, page.rows.map(({ id }) => id), "day", TREND_DAYS);
  return { ...page, rows: page.rows.map((group) => ({ ...group, days: days.get(group.id) ?? [] })) };
}

function groupConditions({ status, pipeline, stage, q }: ErrorGroupsFilter): Sql[] {
  const pattern = `%${q.replace(/[\\%_]/g, "\\$&")}%`;
  return [
    ...(status === "all" ? [] : [sql`g.status = ${status}::error_group_status`]),
    ...(pipeline ? [sql`g.pipeline = ${pipeline}`] : []),
    ...(stage ? [sql`g.stage = ${stage}`] : []),
    ...(q ? [sql`(g.sample_message ilike ${pattern} or g.error_class ilike ${pattern} or g.stage ilike ${pattern} or g.step ilike ${pattern} or g.normalised_message ilike ${pattern})`] : []),
  ];
}

/** Failures per day or hour of several groups, every one of the last `count` there, oldest first. */
async function readTrends(ctx: Ctx, groupIds: number[], unit: "day" | "hour", count: number): Promise<Map<number, TrendPoint[]>> {
  if (groupIds.length === 0) return new Map();
  const rows = await ctx.db.$queryRaw<{ id: bigint; points: { at: string; count: number }[] }[]>`
    with span as (
      select at
        from generate_series(date_trunc(${unit}, clock_timestamp(), 'UTC') - ${count - 1}::int * ${`1 ${unit}`}::interval, clock_timestamp(), ${`1 ${unit}`}::interval) at
    )
    select g.id, jsonb_agg(jsonb_build_object('at', span.at, 'count', coalesce(h.count, 0)) order by span.at) as points
      from unnest(${groupIds}::bigint[]) g(id)
     cross join span
      left join (
        select group_id, date_trunc(${unit}, hour, 'UTC') as at, sum(count)::int as count
          from error_group_hours
         where group_id = any(${groupIds}::bigint[]) and hour >= (select min(at) from span)
         group by 1, 2
      ) h on h.group_id = g.id and h.at = span.at
     group by g.id`;
  return new Map(rows.map(({ id, points }) => [Number(id), points.map(({ at, count: n }) => ({ at: new Date(at), count: n }))]));
}

export type ErrorGroupDetail = ErrorGroupListRow & {
  fingerprint: string;
  normalisedMessage: string;
  /** The last 24 hours, oldest first. */
  hours: TrendPoint[];
  resolvedAt: Date | null;
  resolvedBy: string | null;
  ignoredAt: Date | null;
  ignoredBy: string | null;
  /** What is known about this error, and what to do. */
  cause: CauseHint | null;
};

type DetailColumns = Pick<ErrorGroupDetail, "fingerprint" | "normalisedMessage" | "resolvedAt" | "resolvedBy" | "ignoredAt" | "ignoredBy"> & { fullMessage: string };

/**
 * One group in full, without its runs (`listRunsOfErrorGroup`).
 *
 * @throws AppError NOT_FOUND when no group has this id.
 */
export async function getErrorGroup(ctx: Ctx, groupId: number): Promise<ErrorGroupDetail> {
  allow(ctx, "runs.read");
  const [stored] = await ctx.db.$queryRaw<(StoredErrorGroupRow & DetailColumns)[]>`
    select ${ERROR_GROUP_COLUMNS}, g.fingerprint, g.sample_message as "fullMessage", g.normalised_message as "normalisedMessage",
           g.resolved_at as "resolvedAt", g.resolved_by as "resolvedBy", g.ignored_at as "ignoredAt", g.ignored_by as "ignoredBy"
      from error_groups g
     where g.id = ${groupId}::bigint`;
  if (!stored) throw new AppError("NOT_FOUND", `No error group ${groupId}.`);
  const { fullMessage, ...group } = toErrorGroupRow(stored);
  const [days, hours, rules] = await Promise.all([readTrends(ctx, [groupId], "day", TREND_DAYS), readTrends(ctx, [groupId], "hour", TREND_HOURS), listCauseRules(ctx)]);
  return {
    ...group,
    sampleMessage: fullMessage,
    days: days.get(groupId) ?? [],
    hours: hours.get(groupId) ?? [],
    cause: findCause({ ...group, message: fullMessage }, rules),
  };
}

/** A run that failed with the group's error, and how it stands now. */
export type AffectedRun = {
  id: number;
  pipeline: string;
  stage: string;
  status: RunStatus;
  /** Failures of this kind in it. */
  count: number;
  firstAt: Date;
  lastAt: Date;
  /** Where in the run it was met first. */
  unitSeq: number | null;
  stepSeq: number | null;
};

/** The runs of a group that still exist, newest first; `next` goes into `before`. */
export async function listRunsOfErrorGroup(ctx: Ctx, groupId: number, { before, limit = 50 }: { before?: number; limit?: number } = {}): Promise<{ rows: AffectedRun[]; next: number | null }> {
  allow(ctx, "runs.read");
  const size = Math.min(Math.max(1, Math.trunc(limit)), 200);
  const found = await ctx.db.$queryRaw<(Omit<AffectedRun, "id"> & { id: bigint })[]>`
    select r.id, r.pipeline, r.stage, r.status, o.count, o.first_at as "firstAt", o.last_at as "lastAt", o.unit_seq as "unitSeq", o.step_seq as "stepSeq"
      from error_occurrences o
      join runs r on r.id = o.run_id
     where o.group_id = ${groupId}::bigint ${before === undefined ? empty : sql`and o.run_id < ${before}::bigint`}
     order by o.run_id desc
     limit ${size + 1}::int`;
  const rows = found.slice(0, size).map((run) => ({ ...run, id: Number(run.id) }));
  return { rows, next: found.length > size ? (rows.at(-1)?.id ?? null) : null };
}

/** What a run failed with, as groups: the most frequent in it first, 20 at most. */
export type ErrorGroupOfRun = { id: number; /** Failures ever. */ count: number; /** Failures in this run. */ countInRun: number; runs: number; errorClass: string; firstSeen: Date; lastSeen: Date; status: ErrorGroupStatus; sampleMessage: string };

export async function findErrorGroupOf(ctx: Ctx, runId: number): Promise<ErrorGroupOfRun[]> {
  allow(ctx, "runs.read");
  const rows = await ctx.db.$queryRaw<(Omit<ErrorGroupOfRun, "id" | "count"> & { id: bigint; count: bigint })[]>`${KEPT}
    select g.id, g.count, o.count as "countInRun", g.runs, g.error_class as "errorClass", g.first_seen as "firstSeen", g.last_seen as "lastSeen",
           g.status, left(g.sample_message, 300) as "sampleMessage"
      from error_occurrences o
      join error_groups g on g.id = o.group_id
     where o.run_id = ${runId}::bigint
     order by o.count desc, g.id
     limit 20`;
  return rows.map((row) => ({ ...row, id: Number(row.id), count: Number(row.count) }));
}

/** How many groups are open, up to 100: a badge says "99+" beyond. */
export async function countOpenErrorGroups(ctx: Ctx): Promise<number> {
  allow(ctx, "runs.read");
  const [found] = await ctx.db.$queryRaw<{ count: number }[]>`select count(*)::int as count from (select from error_groups where status = 'open' limit 100) g`;
  return found?.count ?? 0;
}

/** Runs that one retry of a group takes on. */
export const MAX_RUNS_A_RETRY = 100;

/**
 * Runs of a group that are still failed or partial and that no retry stands for, newest first, `MAX_RUNS_A_RETRY` at most.
 * A run whose retry failed too is left to that retry; one whose retry was cancelled or skipped counts as it did before.
 *
 * @throws AppError NOT_FOUND when no group has this id.
 */
export async function listRunsToRetry(ctx: Ctx, groupId: number): Promise<{ runIds: number[]; hasMore: boolean }> {
  allow(ctx, "runs.read");
  const rows = await ctx.db.$queryRaw<{ id: bigint | null }[]>`
    select waiting.id
      from error_groups g
      left join lateral (
        select r.id
          from error_occurrences o
          join runs r on r.id = o.run_id
         where o.group_id = g.id
           and r.status in ('failed', 'partial')
           and not exists (select 1 from runs n where n.retry_of = r.id and n.status not in ('cancelled', 'skipped'))
         order by o.run_id desc
         limit ${MAX_RUNS_A_RETRY + 1}::int
      ) waiting on true
     where g.id = ${groupId}::bigint
     order by waiting.id desc`;
  if (rows.length === 0) throw new AppError("NOT_FOUND", `No error group ${groupId}.`);
  const runIds = rows.flatMap(({ id }) => (id === null ? [] : [Number(id)]));
  return { runIds: runIds.slice(0, MAX_RUNS_A_RETRY), hasMore: runIds.length > MAX_RUNS_A_RETRY };
}
