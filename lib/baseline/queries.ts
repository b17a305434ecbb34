import type { Ctx } from "#lib/ctx";
import { type ExpectedDuration, LEAST_RUNS } from "#lib/baseline/rules";
import type { Json } from "#lib/engine/define";
import { maskSecrets } from "#lib/format/mask";
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
  /** The stage's last run before this one that succeeded. Its secrets are masked. */
  lastSuccess: Comparable | null;
};

type Neighbour = { side: "previous" | "next"; id: bigint; status: RunStatus };

/** What the stage's other runs say about this one. Each part is a range scan of the index (pipeline, stage, id). */
export async function getBaseline(ctx: Ctx, run: Pick<RunRow, "id" | "pipeline" | "stage">): Promise<Baseline> {
  const { id, pipeline, stage } = run;
  const [neighbours, [expected], [success]] = await Promise.all([
    ctx.db.$queryRaw<Neighbour[]>`
      (select 'previous' as side, id, status from runs where pipeline = ${pipeline} and stage = ${stage} and id < ${id}::bigint order by id desc limit 1)
      union all
      (select 'next', id, status from runs where pipeline = ${pipeline} and stage = ${stage} and id > ${id}::bigint order by id limit 1)`,
    ctx.db.$queryRaw<(ExpectedDuration | { p50Ms: null; p95Ms: null; runs: number })[]>`
      select round(percentile_cont(0.5) within group (order by duration_ms))::int as "p50Ms", round(percentile_cont(0.95) within group (order by duration_ms))::int as "p95Ms", count(*)::int as runs
        from (select duration_ms from runs
               where pipeline = ${pipeline} and stage = ${stage} and status = 'completed' and duration_ms is not null and id <> ${id}::bigint
               order by id desc limit ${RUNS_LOOKED_AT}) last`,
    ctx.db.$queryRaw<(Omit<Comparable, "id"> & { id: bigint })[]>`
      select id, status, outcome, duration_ms as "durationMs", items_processed as "itemsProcessed", items_failed as "itemsFailed", units_total as "unitsTotal",
             units_failed as "unitsFailed", triggered_by as "triggeredBy", completed_at as "completedAt", params, config_snapshot as "configSnapshot"
        from runs
       where pipeline = ${pipeline} and stage = ${stage} and id < ${id}::bigint and status in ('completed', 'hold')
       order by id desc limit 1`,
  ]);
  const neighbour = (side: Neighbour["side"]) => {
    const found = neighbours.find((one) => one.side === side);
    return found ? { id: Number(found.id), status: found.status } : null;
  };
  return {
    previous: neighbour("previous"),
    next: neighbour("next"),
    expected: expected && expected.p50Ms !== null && expected.runs >= LEAST_RUNS ? expected : null,
    lastSuccess: success ? { ...success, id: Number(success.id), params: maskSecrets(success.params), configSnapshot: maskSecrets(success.configSnapshot) } : null,
  };
}
