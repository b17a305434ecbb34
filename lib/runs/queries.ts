import { allow, isHidden } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { listCauseRules } from "#lib/causes/queries";
import { type CauseHint, findCause } from "#lib/causes/rules";
import { empty, join, KEPT, type Sql, sql } from "#lib/db/client";
import type { Json } from "#lib/engine/define";
import { AppError } from "#lib/errors";
import type { RunSort } from "#lib/runs/fields";
import { resolveMe } from "#lib/filters/rules";
import { filterCondition } from "#lib/filters/sql/condition";
import { type RunsFilter, runsListHash } from "#lib/runs/address";
import { findCursor } from "#lib/runs/filter";
import { isFinal, isHandling, type RunStatus } from "#lib/runs/rules";
import { shownParams } from "#lib/secrets";
import { RUN_COLUMNS, type RunRow, type StoredRunRow, toRunRow } from "#lib/runs/sql/run-row";
import { type Order, type Page, readPage } from "#lib/table/read-page";
import { listWaits } from "#lib/waits/queries";
import type { Waiting } from "#lib/waits/rules";

export type { RunRow };

const ORDERS: Record<RunSort, Order<RunRow>> = {
  // A run that waits has no start yet and comes on top; one that ended unstarted (skipped, cancelled) stands at its end.
  started: {
    key: sql`coalesce(r.started_at, r.completed_at, 'infinity'::timestamptz)`,
    bound: (value) => sql`${value}::timestamptz`,
    value: (row) => (row.startedAt ?? row.completedAt)?.toISOString() ?? "infinity",
  },
  completed: {
    key: sql`coalesce(r.completed_at, 'infinity'::timestamptz)`,
    bound: (value) => sql`${value}::timestamptz`,
    value: (row) => row.completedAt?.toISOString() ?? "infinity",
  },
  created: { key: sql`r.created_at`, bound: (value) => sql`${value}::timestamptz`, value: (row) => row.createdAt.toISOString() },
  stage: { key: sql`r.stage`, bound: (value) => sql`${value}::text`, value: (row) => row.stage },
  status: { key: sql`r.status`, bound: (value) => sql`${value}::run_status`, value: (row) => row.status },
  duration: { key: sql`coalesce(r.duration_ms, -1)`, bound: (value) => sql`${value}::int`, value: (row) => row.durationMs ?? -1 },
  items: { key: sql`r.items_processed`, bound: (value) => sql`${value}::int`, value: (row) => row.itemsProcessed },
};

/**
 * Runs that match `filter`, `filter.limit` at most, in its order; the id breaks ties, so no run is seen twice.
 *
 * One index range scan for each order (migration run_browser); nothing is counted and nothing skipped over,
 * so the thousandth page costs what the first does. Paging back past the first run gives the first page whole.
 *
 * @param user who `me` is
 * @throws AppError INVALID when the cursor is broken or belongs to another filter.
 */
export async function listRuns(ctx: Ctx, filter: RunsFilter, user = ctx.actor.name): Promise<Page<RunRow>> {
  allow(ctx, "runs.read");
  return readPage<StoredRunRow, RunRow>({
    db: ctx.db,
    select: sql`select ${RUN_COLUMNS} from runs r`,
    id: sql`r.id`,
    order: ORDERS[filter.sort],
    descending: filter.dir === "desc",
    conditions: filter.tree ? [filterCondition(resolveMe(filter.tree, user))] : [],
    limit: filter.limit,
    given: filter.cursor,
    cursor: findCursor(filter),
    listHash: runsListHash(filter),
    toRow: toRunRow,
  });
}

/** When the oldest run was triggered; null while there is none. */
export async function findFirstRun(ctx: Ctx): Promise<Date | null> {
  allow(ctx, "runs.read");
  const [first] = await ctx.db.$queryRaw<{ createdAt: Date }[]>`select r.created_at as "createdAt" from runs r order by r.created_at limit 1`;
  return first?.createdAt ?? null;
}

/** Another run that this one has to do with. */
export type RunLink = { id: number; stage: string; status: RunStatus };
/** A member of a group, and which of the others it needs. */
export type GroupMember = RunLink & { waitsFor: number[] };

export type RunDetail = RunRow & {
  /** The two below are not for this reader, and null. */
  hidden: boolean;
  /** Secrets in both are masked. */
  params: Json;
  configSnapshot: Json;
  errorClass: string | null;
  /** What is known about this error, and what to do. */
  cause: CauseHint | null;
  cancelRequestedAt: Date | null;
  /** How long the rest will take at the pace so far, in milliseconds; null when nothing tells. */
  etaMs: number | null;
  /** Runs that must end before this one starts. */
  waitsFor: RunLink[];
  /** The runs triggered together with this one, itself among them; empty when it was triggered alone. */
  group: GroupMember[];
  /** How many steps it has recorded. */
  stepsTotal: number;
  /** Takes over only the units that did not succeed in the run it retries. */
  onlyFailed: boolean;
  /** The run that this one retries. */
  retried: RunLink | null;
  /** The runs that retry this one, oldest first. */
  retries: RunLink[];
  /** The retry, of it or of one of its retries, that succeeded; null when none has. */
  handledBy: number | null;
  /** Kept by retention, since when and by whom. */
  pinnedAt: Date | null;
  pinnedBy: string | null;
  /** When retention removed its payloads. */
  prunedAt: Date | null;
  /** Why nothing is happening; null when something is. */
  waiting: Waiting | null;
};

type StoredRunDetail = StoredRunRow & {
  params: Json;
  configSnapshot: Json;
  errorClass: string | null;
  fullErrorMessage: string | null;
  cancelRequestedAt: Date | null;
  elapsedMs: number | null;
  waitIds: bigint[];
  onlyFailed: boolean;
  pinnedAt: Date | null;
  pinnedBy: string | null;
  prunedAt: Date | null;
  stepsTotal: number;
  links: RetryLink[] | null;
};

/**
 * One run with everything but its units, steps and logs. Its error message is whole here.
 *
 * @throws AppError NOT_FOUND when no run has this id.
 */
export async function getRun(ctx: Ctx, runId: number): Promise<RunDetail> {
  allow(ctx, "runs.read");
  const [stored] = await ctx.db.$queryRaw<StoredRunDetail[]>`${KEPT}
    select ${RUN_COLUMNS}, r.params, r.config_snapshot as "configSnapshot", r.error_class as "errorClass",
           r.error_message as "fullErrorMessage", r.cancel_requested_at as "cancelRequestedAt", r.waits_for as "waitIds", r.only_failed as "onlyFailed", r.last_step_seq as "stepsTotal",
           r.pinned_at as "pinnedAt", r.pinned_by as "pinnedBy", r.pruned_at as "prunedAt",
           (extract(epoch from clock_timestamp() - r.started_at) * 1000)::float8 as "elapsedMs", (${RETRY_LINKS}) as links
      from runs r
     where r.id = ${runId}::bigint`;
  if (!stored) throw new AppError("NOT_FOUND", `No run #${runId}.`);
  const { fullErrorMessage, elapsedMs, waitIds, links, ...light } = stored;
  const row = { ...light, ...toRunRow(light) };
  const hasError = fullErrorMessage !== null || light.errorClass !== null;
  const [waitsFor, group, waits, causeRules] = await Promise.all([
    waitIds.length > 0 ? listLinks(ctx, sql`r.id in (${join(waitIds)})`) : [],
    row.groupId === null ? [] : listLinks(ctx, sql`r.group_id = ${row.groupId}::bigint`),
    isFinal(row.status) ? null : listWaits(ctx, [row.id]),
    hasError ? listCauseRules(ctx) : [],
  ]);
  return {
    ...row,
    hidden: isHidden(ctx),
    params: isHidden(ctx) ? null : shownParams(row.params),
    configSnapshot: isHidden(ctx) ? null : shownParams(row.configSnapshot),
    errorMessage: fullErrorMessage,
    cause: hasError ? findCause({ ...light, message: fullErrorMessage ?? "" }, causeRules) : null,
    etaMs: row.status === "running" && elapsedMs !== null ? estimateRest(row, elapsedMs) : null,
    waitsFor: waitsFor.map(plainLink),
    group,
    ...retriesOf(row.id, links ?? []),
    waiting: waits?.get(row.id) ?? null,
  };
}

async function listLinks(ctx: Ctx, condition: Sql): Promise<GroupMember[]> {
  const links = await ctx.db.$queryRaw<{ id: bigint; stage: string; status: RunStatus; waitsFor: bigint[] }[]>`
    select r.id, r.stage, r.status, r.waits_for as "waitsFor" from runs r where ${condition} order by r.id limit 200`;
  return links.map((link) => ({ ...link, id: Number(link.id), waitsFor: link.waitsFor.map(Number) }));
}

const plainLink = ({ id, stage, status }: RunLink): RunLink => ({ id, stage, status });

type RetryLink = RunLink & { retryOf: number | null; isRetried: boolean };

/** What `r` retries, and its retries with theirs: a chain by `retry_of`, each link one index lookup. */
const RETRY_LINKS = sql`
  with recursive chain (id) as (
    select n.id from runs n where n.retry_of = r.id
    union
    select n.id from chain join runs n on n.retry_of = chain.id
  ), linked (id, is_retried) as (
    (select id, false from chain limit 200) union all select r.retry_of, true
  )
  select json_agg(json_build_object('id', n.id, 'stage', n.stage, 'status', n.status, 'retryOf', n.retry_of, 'isRetried', linked.is_retried) order by n.id)
    from linked join runs n on n.id = linked.id`;

function retriesOf(runId: number, links: RetryLink[]): Pick<RunDetail, "retried" | "retries" | "handledBy"> {
  const retried = links.find(({ isRetried }) => isRetried);
  const later = links.filter(({ isRetried }) => !isRetried);
  return {
    retried: retried ? plainLink(retried) : null,
    retries: later.filter(({ retryOf }) => retryOf === runId).map(plainLink),
    handledBy: later.findLast(({ status }) => isHandling(status))?.id ?? null,
  };
}

/** The rest at the pace so far, by items when their number is known, else by units; at least one must be done. */
export function estimateRest(run: Pick<RunRow, "itemsProcessed" | "itemsFailed" | "itemsTotal" | "unitsTotal" | "unitsDone" | "unitsFailed">, elapsedMs: number): number | null {
  const items = { done: run.itemsProcessed + run.itemsFailed, total: run.itemsTotal ?? 0 };
  const units = { done: run.unitsDone + run.unitsFailed, total: run.unitsTotal };
  const { done, total } = items.total > 0 && items.done > 0 ? items : units;
  if (done <= 0 || total <= 0) return null;
  return Math.round((elapsedMs / done) * Math.max(0, total - done));
}
