/**
 * Runs as cells: rows in which runs that have the same hour or day, name, status and trigger are added up already.
 * Rollups, deltas and the runs themselves come as one relation in one statement, hence of one snapshot: no run is missing
 * from it and none is there twice, whatever ends, or is folded, meanwhile.
 */
import { empty, join, type Sql, sql } from "#lib/db/client";
import type { ResolvedFilter } from "#lib/filters/rules";
import { annotationMatches, filterCondition } from "#lib/filters/sql/condition";
import { ACTIVE_STATUSES } from "#lib/runs/rules";
import { ALL_STEPS, ALWAYS, type AnnotationPlan, coverSpan, CREATOR_STEPS, overlap, planAnnotated, planRollup, type RollupPlan, type Span, type Steps, TRIGGER_STEPS } from "./plan.ts";

/** How finely `at` of a cell is asked for; `instant` is each run for itself. */
export type Resolution = "ever" | "day" | "hour" | "instant";
const DEPTH: Record<Resolution, number> = { ever: 0, day: 1, hour: 2, instant: Infinity };

export type CellsOf = {
  tree: ResolvedFilter | null;
  /** Of the runs that match, those created within it. */
  within?: Span;
  resolution: Resolution;
  /** Whether triggers have to be told apart though no condition names them. */
  byTrigger?: boolean;
};

/**
 * `at`, pipeline, stage, status, triggered_by, runs and, where `hasSums`, items, items_failed, llm_calls, llm_priced, llm_cost_usd.
 * `triggered_by` is null where nobody asks for it.
 */
export function runCells(asked: CellsOf, hasSums = true): Sql {
  const plan = planRollup(asked.tree, Date.now());
  const annotated = plan || hasSums ? null : planAnnotated(asked.tree);
  if (annotated) return annotatedCells(annotated, asked.within);
  const { pieces, deltas, raws } = sourcesOf(asked, plan, plan?.usesCreator ? CREATOR_STEPS : plan?.usesTrigger || asked.byTrigger ? TRIGGER_STEPS : ALL_STEPS);
  const kept = sql`r.at, r.pipeline, r.stage, r.status, r.triggered_by, r.runs, r.items, r.items_failed, r.llm_calls, r.llm_priced, r.llm_cost_usd`;
  const own = sql`r.created_at as at, r.pipeline, r.stage, r.status, r.triggered_by`;
  return union([
    ...pieces.map((where) => sql`select ${kept} from run_rollups r ${where}`),
    ...deltas.map((where) => sql`select ${kept} from run_rollup_deltas r ${where}`),
    ...raws.map((where) => sql`
      select ${own}, 1::bigint as runs, r.items_processed::bigint as items, r.items_failed::bigint, 0::bigint as llm_calls, 0::bigint as llm_priced, 0::numeric as llm_cost_usd
        from runs r ${where}`),
    // A cell of no run, but of one call: PostgreSQL joins the few calls or the few runs, whichever it is.
    ...raws.filter(() => hasSums).map((where) => sql`
      select ${own}, 0::bigint, 0::bigint, 0::bigint, 1::bigint, (c.cost_usd is not null)::int::bigint, coalesce(c.cost_usd, 0)::numeric
        from llm_calls c join runs r on r.id = c.run_id ${where}`),
  ]);
}

/** Runs as annotations know them, for which an index is enough. (run, key) is unique, so each run is there once. */
function annotatedCells({ leaf, rest }: AnnotationPlan, within = ALWAYS): Sql {
  const selects = annotationMatches(leaf).map((condition) => sql`
    select a.run_id as id, a.run_created_at as created_at, a.run_status as status, a.run_triggered_by as triggered_by,
           a.run_pipeline as pipeline, a.run_stage as stage, a.run_created_by as created_by
      from run_annotations a
     where ${condition}`);
  // Never alone: beside an annotation names are best looked up one by one.
  const conditions = [...(rest ? [filterCondition(rest, false)] : []), ...spanConditions(sql`r.created_at`, within)];
  return sql`select r.created_at as at, r.pipeline, r.stage, r.status, r.triggered_by, 1::bigint as runs from (${union(selects)}) r ${where(conditions)}`;
}

/**
 * `at`, pipeline, stage, status, triggered_by, bucket and runs: how many took how long (`duration_bucket`).
 * Null when only the runs know: of creators and triggers, durations are kept for all of time only, and not of both.
 */
export function durationCells(asked: CellsOf): Sql | null {
  const plan = planRollup(asked.tree, Date.now());
  const needsTrigger = asked.byTrigger || plan?.usesTrigger;
  if (!plan || asked.resolution === "instant" || (plan.usesCreator && needsTrigger)) return null;
  const steps = plan.usesCreator ? CREATOR_STEPS.slice(0, 1) : needsTrigger ? TRIGGER_STEPS.slice(0, 1) : ALL_STEPS;
  const { pieces, deltas, raws } = sourcesOf(asked, plan, steps);
  if (pieces.length === 0) return null;
  const kept = sql`r.at, r.pipeline, r.stage, r.status, r.triggered_by, r.bucket, r.runs`;
  return union([
    ...pieces.map((where) => sql`select ${kept} from run_duration_rollups r ${where}`),
    ...deltas.map((where) => sql`select ${kept} from run_rollup_deltas r ${where}`),
    ...raws.map((where) => sql`select r.created_at as at, r.pipeline, r.stage, r.status, r.triggered_by, duration_bucket(r.duration_ms) as bucket, 1::bigint as runs from runs r ${where}`),
  ]);
}

/** `where` and what is asked of `runs r`, or nothing. */
export const whereRuns = ({ tree, within = ALWAYS }: Pick<CellsOf, "tree" | "within">): Sql =>
  where([...(tree ? [filterCondition(tree)] : []), ...spanConditions(sql`r.created_at`, within)]);

const union = (selects: Sql[]): Sql => join(selects, " union all ");
const where = (conditions: Sql[]): Sql => (conditions.length > 0 ? sql`where ${join(conditions, " and ")}` : empty);
const at = (ms: number): Sql => sql`${new Date(ms).toISOString()}::timestamptz`;
const ACTIVE = sql`r.status in (${join(ACTIVE_STATUSES.map((status) => sql`${status}::run_status`))})`;

function spanConditions(column: Sql, { from, to }: Span): Sql[] {
  return [...(from === -Infinity ? [] : [sql`${column} >= ${at(from)}`]), ...(to === Infinity ? [] : [sql`${column} < ${at(to)}`])];
}

/** Where each source is asked: rollups and deltas of the inner part with the unfinished runs of it, the runs at its edges. */
function sourcesOf({ tree, within = ALWAYS, resolution }: CellsOf, plan: RollupPlan | null, allSteps: Steps): { pieces: Sql[]; deltas: Sql[]; raws: Sql[] } {
  const steps = allSteps.slice(DEPTH[resolution]);
  if (!plan || steps.length === 0) return { pieces: [], deltas: [], raws: [whereRuns({ tree, within })] };
  const { pieces, inner, edges } = coverSpan(overlap(plan.span, within), steps);
  const rest = plan.rest ? [filterCondition(plan.rest)] : [];
  // Where creators are not told apart the column is empty, and stands in the key before the time.
  const beginning = plan.usesCreator ? [] : [sql`r.created_by = ''`];
  const runsIn = (span: Span, ...more: Sql[]): Sql => where([...more, ...spanConditions(sql`r.created_at`, span), ...rest]);
  const raws = [...(inner ? [runsIn(inner, ACTIVE)] : []), ...edges.map((edge) => runsIn(edge))];
  return {
    pieces: pieces.map(({ grain, span }) => where([sql`r.grain = ${grain}::rollup_grain`, ...beginning, ...spanConditions(sql`r.at`, span), ...rest])),
    deltas: inner ? [where([...spanConditions(sql`r.at`, inner), ...rest])] : [],
    // Even of no time at all there has to be a relation.
    raws: raws.length > 0 ? raws : [sql`where false`],
  };
}
