import { z } from "zod";
import { allow } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { empty, sql } from "#lib/db/client";
import { AppError } from "#lib/errors";
import type { FilterTree } from "#lib/filters/filter";
import { type ResolvedFilter, resolveMe } from "#lib/filters/rules";
import type { RunStatus } from "#lib/runs/rules";
import { RUN_COLUMNS, type RunRow, type StoredRunRow, toRunRow } from "#lib/runs/sql/run-row";
import { countByStatus } from "#lib/stats/queries";
import { type BulkKind, type BulkResult, BULK_RESULTS, type BulkStatus, isOpen, MAX_BULK_RUNS, SAMPLE_RUNS, type UnfitCounts } from "./fields.ts";
import { countFitting, estimateRest } from "./rules.ts";
import { fits, hasFittingStatus, IS_HANDLED, matches } from "./sql/fit.ts";

export type BulkQuestion = { kind: BulkKind; /** Null: every run. */ tree: FilterTree | null };

export type BulkPreview = {
  kind: BulkKind;
  /** Runs that it would be done to. */
  count: number;
  /** The newest of them, ten at most. */
  sample: RunRow[];
  /** Runs that match and that it does not fit, by reason. */
  cannot: UnfitCounts;
  /** As many as one go may hold. */
  limit: number;
};

/** What an act on all that matches would come to now. Nothing is kept of it. */
export async function previewBulk(ctx: Ctx, { kind, tree }: BulkQuestion): Promise<BulkPreview> {
  allow(ctx, "runs.read");
  const resolved = tree && resolveMe(tree, ctx.actor.name);
  const [{ counts }, handled, sample] = await Promise.all([countByStatus(ctx, resolved), kind === "retry" ? countHandled(ctx, resolved) : 0, listSample(ctx, kind, resolved)]);
  return { kind, ...countFitting(kind, counts, handled), sample, limit: MAX_BULK_RUNS };
}

async function countHandled(ctx: Ctx, tree: ResolvedFilter | null): Promise<number> {
  const [found] = await ctx.db.$queryRaw<{ count: bigint }[]>`
    select count(*) as count from runs r where ${hasFittingStatus("retry")} and ${IS_HANDLED} and ${matches(tree)}`;
  return Number(found?.count ?? 0);
}

async function listSample(ctx: Ctx, kind: BulkKind, tree: ResolvedFilter | null): Promise<RunRow[]> {
  const found = await ctx.db.$queryRaw<StoredRunRow[]>`
    select ${RUN_COLUMNS} from runs r where ${fits(kind)} and ${matches(tree)} order by r.id desc limit ${SAMPLE_RUNS}::int`;
  return found.map(toRunRow);
}

export type BulkRow = {
  id: number;
  kind: BulkKind;
  status: BulkStatus;
  /** The filter as the address says it; empty: every run. */
  query: string;
  actor: string;
  /** Runs per second. */
  rate: number;
  total: number;
  done: number;
  failed: number;
  skipped: number;
  /** Of the skipped, those that it never fitted: in the set only to say so. */
  leftOut: number;
  createdAt: Date;
  startedAt: Date | null;
  completedAt: Date | null;
  abortRequestedAt: Date | null;
  abortedBy: string | null;
};
export type BulkDetail = BulkRow & {
  filter: FilterTree | null;
  /** Neither done, failed nor skipped. */
  left: number;
  /** Runs per second since it was begun, without those that were left out at once; null before the first. */
  pace: number | null;
  /** How long the rest will take, in milliseconds; null when it is through. */
  etaMs: number | null;
  /** How the runs that retries made stand now. */
  made: Partial<Record<RunStatus, number>>;
};
type Stored<T> = Omit<T, "id"> & { id: bigint };

const COLUMNS = sql`
  b.id, b.kind, b.status, b.query, b.actor, b.rate, b.total, b.done, b.failed, b.skipped, b.left_out as "leftOut",
  b.created_at as "createdAt", b.started_at as "startedAt", b.completed_at as "completedAt",
  b.abort_requested_at as "abortRequestedAt", b.aborted_by as "abortedBy"`;

/** Newest first; `next` goes into `before`. */
export async function listBulks(ctx: Ctx, { before, limit = 50 }: { before?: number; limit?: number } = {}): Promise<{ rows: BulkRow[]; next: number | null }> {
  allow(ctx, "runs.read");
  const found = await ctx.db.$queryRaw<Stored<BulkRow>[]>`
    select ${COLUMNS} from bulk_actions b ${before === undefined ? empty : sql`where b.id < ${before}::bigint`} order by b.id desc limit ${limit + 1}::int`;
  const rows = found.slice(0, limit).map((row) => ({ ...row, id: Number(row.id) }));
  return { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : null };
}

/** @throws AppError NOT_FOUND */
export async function getBulk(ctx: Ctx, id: number): Promise<BulkDetail> {
  allow(ctx, "runs.read");
  const [found] = await ctx.db.$queryRaw<(Stored<BulkRow> & { filter: FilterTree | null; acted: bigint; elapsedMs: number | null })[]>`
    select ${COLUMNS}, b.filter,
           (select count(*) from bulk_action_runs x where x.action_id = b.id and x.ended_at >= b.started_at) as acted,
           (extract(epoch from coalesce(b.completed_at, clock_timestamp()) - b.started_at) * 1000)::float8 as "elapsedMs"
      from bulk_actions b
     where b.id = ${id}::bigint`;
  if (!found) throw new AppError("NOT_FOUND", `There is no bulk action ${id}.`);
  const { acted: actedBig, elapsedMs, ...row } = found;
  const acted = Number(actedBig);
  const left = row.total - row.done - row.failed - row.skipped;
  return {
    ...row,
    id,
    left,
    pace: elapsedMs !== null && elapsedMs > 0 && acted > 0 ? (acted * 1_000) / elapsedMs : null,
    etaMs: isOpen(row.status) ? estimateRest({ left, rate: row.rate, acted, elapsedMs: elapsedMs ?? 0 }) : null,
    made: row.kind === "retry" ? await countMade(ctx, id) : {},
  };
}

async function countMade(ctx: Ctx, id: number): Promise<Partial<Record<RunStatus, number>>> {
  const rows = await ctx.db.$queryRaw<{ status: RunStatus; count: bigint }[]>`
    select r.status, count(*) as count from bulk_action_runs x join runs r on r.id = x.new_run_id where x.action_id = ${id}::bigint group by r.status order by r.status`;
  return Object.fromEntries(rows.map(({ status, count }) => [status, Number(count)]));
}

export type BulkRunRow = {
  position: number;
  runId: number;
  pipeline: string;
  stage: string;
  /** How the run stands now. */
  runStatus: RunStatus;
  status: BulkResult;
  /** Why it was left out or failed; what it waits for while it is pending. */
  message: string | null;
  newRunId: number | null;
  newRunStatus: RunStatus | null;
  endedAt: Date | null;
};

export const BulkRunsRequest = z.object({
  cursor: z.coerce.number().int().min(0).max(2_147_483_647).optional(),
  status: z.enum(BULK_RESULTS).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});
export type BulkRunsRequest = z.input<typeof BulkRunsRequest>;

/** What became of each run of a set, in its order; `next` goes into `cursor`. An action that does not exist has none. */
export async function listBulkRuns(ctx: Ctx, id: number, request: BulkRunsRequest = {}): Promise<{ rows: BulkRunRow[]; next: number | null }> {
  allow(ctx, "runs.read");
  const { cursor, status, limit } = BulkRunsRequest.parse(request);
  const found = await ctx.db.$queryRaw<(Omit<BulkRunRow, "runId" | "newRunId"> & { runId: bigint; newRunId: bigint | null })[]>`
    select x.position, x.run_id as "runId", r.pipeline, r.stage, r.status as "runStatus", x.status, x.message,
           x.new_run_id as "newRunId", made.status as "newRunStatus", x.ended_at as "endedAt"
      from bulk_action_runs x
      join runs r on r.id = x.run_id
      left join runs made on made.id = x.new_run_id
     where x.action_id = ${id}::bigint and x.position > ${cursor ?? 0}::int
           ${status ? sql`and x.status = ${status}::bulk_result` : empty}
     order by x.position
     limit ${limit + 1}::int`;
  const rows = found.slice(0, limit).map((row) => ({ ...row, runId: Number(row.runId), newRunId: row.newRunId === null ? null : Number(row.newRunId) }));
  return { rows, next: found.length > limit ? (rows.at(-1)?.position ?? null) : null };
}
