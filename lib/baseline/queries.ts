import { allow, isHidden } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { KEPT, sql } from "#lib/db/client";
import { type ExpectedDuration, LEAST_RUNS } from "#lib/baseline/rules";
import type { Json } from "#lib/engine/define";
import { shownParams } from "#lib/secrets";
import type { RunRow } from "#lib/runs/queries";
import type { RunStatus } from "#lib/runs/rules";

/** How many of a stage's last completed runs are looked at. */
const RUNS_LOOKED_AT = 200;

/** A run as far as another one is compared with it. */
export type Comparable = Pick<RunRow, "id" | "status" | "outcome" | "durationMs" | "itemsProcessed" | "itemsFailed" | "unitsTotal" | "unitsFailed" | "triggeredBy" | "completedAt"> & { params: Json; configSnapshot: Json };

export type Baseline = {
  /** The runs of the same stage just before and just after this one. */
  previous: { id: number; status: RunStatus } | null;
  next: { id: number; status: RunStatus } | null;
  /** Null when too few have completed. */
  expected: ExpectedDuration | null;
  /** The stage's last run before this one that succeeded. Its secrets are masked; parameters and configuration are null for whoever may not read payloads. */
  lastSuccess: Comparable | null;
};

type StoredBaseline = {
  previousId: bigint | null;
  previousStatus: RunStatus | null;
  nextId: bigint | null;
  nextStatus: RunStatus | null;
  p50Ms: number | null;
  p95Ms: number | null;
  runs: number;
  successId: bigint | null;
} & Omit<Comparable, "id">;

/** What the stage's other runs say about this one: one statement, each part of it a range scan of the index (pipeline, stage, id). */
export async function getBaseline(ctx: Ctx, run: Pick<RunRow, "id" | "pipeline" | "stage">): Promise<Baseline> {
  allow(ctx, "runs.read");
  const { id, pipeline, stage } = run;
  const ofStage = sql`pipeline = ${pipeline} and stage = ${stage}`;
  const [found] = await ctx.db.$queryRaw<StoredBaseline[]>`${KEPT}
    select previous.id as "previousId", previous.status as "previousStatus", next.id as "nextId", next.status as "nextStatus",
           expected.*, success.id as "successId", success.status, success.outcome, success.duration_ms as "durationMs",
           success.items_processed as "itemsProcessed", success.items_failed as "itemsFailed", success.units_total as "unitsTotal",
           success.units_failed as "unitsFailed", success.triggered_by as "triggeredBy", success.completed_at as "completedAt",
           success.params, success.config_snapshot as "configSnapshot"
      from (select round(percentile_cont(0.5) within group (order by duration_ms))::int as "p50Ms",
                   round(percentile_cont(0.95) within group (order by duration_ms))::int as "p95Ms", count(*)::int as runs
              from (select duration_ms from runs
                     where ${ofStage} and status = 'completed' and duration_ms is not null and id <> ${id}::bigint
                     order by id desc limit ${RUNS_LOOKED_AT}) last) expected
      left join lateral (select id, status from runs where ${ofStage} and id < ${id}::bigint order by id desc limit 1) previous on true
      left join lateral (select id, status from runs where ${ofStage} and id > ${id}::bigint order by id limit 1) next on true
      left join lateral (select * from runs where ${ofStage} and id < ${id}::bigint and status in ('completed', 'hold') order by id desc limit 1) success on true`;
  if (!found) throw new Error("A statement that always has one row had none.");
  const { previousId, previousStatus, nextId, nextStatus, p50Ms, p95Ms, runs, successId, ...success } = found;
  return {
    previous: previousId !== null && previousStatus ? { id: Number(previousId), status: previousStatus } : null,
    next: nextId !== null && nextStatus ? { id: Number(nextId), status: nextStatus } : null,
    expected: p50Ms !== null && p95Ms !== null && runs >= LEAST_RUNS ? { p50Ms, p95Ms, runs } : null,
    lastSuccess: successId === null ? null : { ...success, id: Number(successId), params: isHidden(ctx) ? null : shownParams(success.params), configSnapshot: isHidden(ctx) ? null : shownParams(success.configSnapshot) },
  };
}
