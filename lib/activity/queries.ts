import { allow } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { join, type Sql, sql } from "#lib/db/client";
import type { RunStatus, RunTrigger } from "#lib/db/generated/enums";
import type { ResolvedFilter } from "#lib/filters/rules";
import { filterCondition } from "#lib/filters/sql/condition";
import { findEnd, findPosition } from "#lib/live/events";
import type { ActivityType } from "./fields.ts";
import { ALWAYS_TOLD, TELLING_TRIGGERS } from "./rules.ts";

/** As many events are looked through for those of matching runs; a filter that few match is then told in pieces. */
const MAX_LOOKED_AT = 5_000;
/** A reader that missed more events than this begins anew at the newest. */
const MAX_CAUGHT_UP = 1_000;

export type ActivityRun = {
  id: number;
  pipeline: string;
  stage: string;
  /** What it is now, not what it was then. */
  status: RunStatus;
  triggeredBy: RunTrigger;
  retryOf: number | null;
  outcome: string | null;
  durationMs: number | null;
  itemsProcessed: number;
  itemsFailed: number;
  /** The first 200 characters. */
  errorMessage: string | null;
};
/** One line of the feed. `run` is null for imports. `data` is what was recorded, see lib/activity/rules.ts. */
export type ActivityRow = { id: number; at: Date; type: ActivityType; actor: string | null; run: ActivityRun | null; data: Record<string, unknown> };
/** `next` is the `before` of the older ones, null where there are none. `isCut`: there may be more than were looked for. */
export type ActivityPage = { rows: ActivityRow[]; next: number | null; isCut: boolean };
/** `newest` is the `after` with which to ask for what comes later. */
export type ActivityFeed = ActivityPage & { newest: number };

type Narrowing = { tree: ResolvedFilter | null; limit: number };

/**
 * Activity older than the event `before`, newest first, `limit` at most. With a tree only that of matching runs, as they
 * are now; imports belong to no run and match no tree.
 *
 * A range of the primary key; with a tree at most `MAX_LOOKED_AT` events are looked at, and `isCut` says that `next`
 * goes on from there, even when nothing was found.
 */
export async function listActivity(ctx: Ctx, { tree, before, limit }: Narrowing & { before: number | null }): Promise<ActivityPage> {
  allow(ctx, "runs.read");
  const range = before === null ? sql`true` : sql`e.id < ${before}::bigint`;
  const floor = tree === null ? null : await findFloor(ctx, range);
  const rows = await readRows(ctx, tree, floor === null ? range : sql`${range} and e.id >= ${floor}::bigint`, limit + 1);
  if (rows.length > limit) return { rows: rows.slice(0, limit), next: rows[limit - 1]?.id ?? null, isCut: false };
  return { rows, next: floor, isCut: floor !== null };
}

/** The newest activity, and where what comes later begins. */
export async function getActivityFeed(ctx: Ctx, narrowing: Narrowing): Promise<ActivityFeed> {
  allow(ctx, "runs.read");
  // Read first: what is committed between the two is in both, and none is in neither.
  const end = await findEnd(ctx.db);
  return { ...(await listActivity(ctx, { ...narrowing, before: null })), newest: Number(end.id) };
}

/**
 * Activity recorded since the feed whose `newest` is `after`, newest first. Rows may be some that are known already, and
 * older than some that are, since events are numbered before they are committed: merge them by id.
 *
 * `anew` is the whole newest page instead, when too much has happened or `after` is gone.
 */
export async function listActivitySince(ctx: Ctx, { tree, after, limit }: Narrowing & { after: number }): Promise<{ rows: ActivityRow[]; newest: number } | { anew: ActivityFeed }> {
  allow(ctx, "runs.read");
  const position = await findPosition(ctx.db, BigInt(after));
  if (!position) return { anew: await getActivityFeed(ctx, { tree, limit }) };
  const later = sql`(e.txid, e.id) > (${position.txid.toString()}::xid8, ${position.id}::bigint) and e.txid < pg_snapshot_xmin(pg_current_snapshot())`;
  const seen = await ctx.db.$queryRaw<{ id: bigint }[]>`select e.id from run_events e where ${later} order by e.txid, e.id limit ${MAX_CAUGHT_UP + 1}::int`;
  if (seen.length > MAX_CAUGHT_UP) return { anew: await getActivityFeed(ctx, { tree, limit }) };
  const rows = seen.length === 0 ? [] : await readRows(ctx, tree, sql`e.id = any(${seen.map(({ id }) => id)}::bigint[])`, limit + 1);
  if (rows.length > limit) return { anew: await getActivityFeed(ctx, { tree, limit }) };
  return { rows, newest: Number(seen.at(-1)?.id ?? after) };
}

/** The oldest of the events that may be looked at; null when that is all of them. */
async function findFloor({ db }: Ctx, range: Sql): Promise<number | null> {
  const [row] = await db.$queryRaw<{ id: bigint }[]>`
    select e.id from run_events e where ${range} order by e.id desc offset ${MAX_LOOKED_AT - 1}::int limit 1`;
  return row ? Number(row.id) : null;
}

type StoredRow = Omit<ActivityRow, "id" | "run"> & Omit<ActivityRun, "id"> & { id: bigint; runId: bigint | null };

/** The events in `range`, newest first. With a tree `range` is bounded, and all of it is read before runs are looked for. */
async function readRows({ db }: Ctx, tree: ResolvedFilter | null, range: Sql, limit: number): Promise<ActivityRow[]> {
  // `offset 0` keeps the planner from beginning with the runs: a million may match.
  const events = tree === null ? sql`run_events` : sql`(select * from run_events e where ${range} order by e.id desc offset 0)`;
  const rows = await db.$queryRaw<StoredRow[]>`
    select e.id, e.at, e.type, e.actor, e.data, r.id as "runId", r.pipeline, r.stage, r.status, r.triggered_by as "triggeredBy", r.retry_of::float8 as "retryOf", r.outcome, r.duration_ms as "durationMs",
           r.items_processed as "itemsProcessed", r.items_failed as "itemsFailed", left(r.error_message, 200) as "errorMessage"
      from ${events} e
      left join runs r on r.id = e.run_id
     where (e.type in (${join(ALWAYS_TOLD)}) or (e.type = 'run.pending' and r.triggered_by in (${join(TELLING_TRIGGERS.map((trigger) => sql`${trigger}::run_trigger`))})))
       and ${tree === null ? range : sql`r.id is not null and ${filterCondition(tree)}`}
     order by e.id desc
     limit ${limit}::int`;
  return rows.map(({ id, at, type, actor, data, runId, ...run }) => ({ id: Number(id), at, type, actor, data, run: runId === null ? null : { id: Number(runId), ...run } }));
}
