import { allow } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { empty, join, type Sql, sql } from "#lib/db/client";
import type { OnBusy, Stage } from "#lib/engine/define";
import { messageOf } from "#lib/errors";
import type { ResolvedFilter } from "#lib/filters/rules";
import { filterCondition, RUN_NAMES } from "#lib/filters/sql/condition";
import { PIPELINES } from "#lib/pipelines/registry";
import { RUN_COLUMNS, type RunRow, type StoredRunRow, toRunRow } from "#lib/runs/sql/run-row";
import { type ParamField, paramFields } from "#lib/stages/rules";

export type { ParamField };

export type StageCard = {
  pipeline: string;
  name: string;
  title: string;
  description: string;
  needs: string[];
  /** What one item is, in the plural. */
  itemsName: string;
  /** What the stage's rows are called, in the plural. */
  rowsName: string;
  /** Left out of Run all. */
  manual: boolean;
  /** The command line of a stage that runs a program; null for one in TypeScript. */
  program: string | null;
  /** Rows produced so far; null when the stage does not count them, or could not (`countError`). */
  rows: number | null;
  /** Items waiting for it; null when the stage does not count them, or could not. */
  waiting: number | null;
  /** Why counting failed, in words; null when it did not. */
  countError: string | null;
  lastRun: RunRow | null;
  activeRun: RunRow | null;
  fields: ParamField[];
  /** What becomes of a trigger while a run goes on, unless whoever triggers says otherwise. */
  onBusy: OnBusy;
  /** Nothing new of it starts; that of its pipeline is the pipeline's. */
  pause: ControlPause | null;
  /** Units that may be in flight, as an operator or else the definition says; null: any number. */
  limit: number | null;
  /** The definition's. */
  declaredLimit: number | null;
  inFlight: number;
  /** Runs that stand in line behind those of their exclusive key. */
  inLine: number;
};

export type ControlPause = { at: Date; by: string; reason: string | null };
export type PipelineCard = { name: string; title: string; description: string; pause: ControlPause | null; stages: StageCard[] };

/** Counts of stages that are asked for at once: a page must not take the whole pool. */
const COUNTS_AT_ONCE = 4;

/**
 * Every pipeline with its stages in order. One statement for the runs of all stages, one index probe each;
 * the counts are the stages' own questions, and one that fails leaves the others standing.
 */
export async function listPipelines(ctx: Ctx): Promise<PipelineCard[]> {
  allow(ctx, "runs.read");
  const all = PIPELINES.flatMap((pipeline) => pipeline.stages.map((stage) => ({ pipeline: pipeline.name, stage })));
  const [runs, controls, counts] = await Promise.all([
    listStageRuns(ctx, all.map(({ pipeline, stage }) => ({ pipeline, stage: stage.name }))),
    listControls(ctx),
    inBatches(all, COUNTS_AT_ONCE, ({ stage }) => countStage(ctx, stage)),
  ]);
  const cards = all.map(({ pipeline, stage }, index): StageCard => ({
    pipeline,
    name: stage.name,
    title: stage.title,
    description: stage.description,
    needs: stage.needs,
    itemsName: stage.itemsName,
    rowsName: stage.rowsName,
    manual: stage.manual ?? false,
    program: stage.program ?? null,
    ...(counts[index] ?? { rows: null, waiting: null, countError: null }),
    lastRun: runs.last.get(`${pipeline}/${stage.name}`) ?? null,
    activeRun: runs.active.get(`${pipeline}/${stage.name}`) ?? null,
    fields: paramFields(stage.params),
    onBusy: stage.onBusy ?? "reject",
    ...controlOf(controls, pipeline, stage),
  }));
  return PIPELINES.map(({ name, title, description }) => ({ name, title, description, pause: pauseOf(controls.get(`${name}/`)), stages: cards.filter((card) => card.pipeline === name) }));
}

type Control = { pipeline: string; stage: string; pausedAt: Date | null; pausedBy: string | null; pauseReason: string | null; unitLimit: number | null; inFlight: number; inLine: number };

/** What operators have said of stages and pipelines, and what is in flight and in line of each; those with nothing of it are left out. */
async function listControls(ctx: Ctx): Promise<Map<string, Control>> {
  const rows = await ctx.db.$queryRaw<Control[]>`
    with flying as (
      select r.pipeline, r.stage, count(*)::int as n from run_units u join runs r on r.id = u.run_id where u.status = 'running' group by r.pipeline, r.stage
    ), lines as (
      select r.pipeline, r.stage, count(*)::int as n from runs r where r.status = 'pending' and r.in_line group by r.pipeline, r.stage
    )
    select pipeline, stage, c.paused_at as "pausedAt", c.paused_by as "pausedBy", c.pause_reason as "pauseReason", c.unit_limit as "unitLimit",
           coalesce(f.n, 0) as "inFlight", coalesce(l.n, 0) as "inLine"
      from stage_controls c
      full join flying f using (pipeline, stage)
      full join lines l using (pipeline, stage)`;
  return new Map(rows.map((row) => [`${row.pipeline}/${row.stage}`, row]));
}

const pauseOf = (control: Control | undefined): ControlPause | null =>
  control?.pausedAt && control.pausedBy !== null ? { at: control.pausedAt, by: control.pausedBy, reason: control.pauseReason } : null;

function controlOf(controls: Map<string, Control>, pipeline: string, stage: Stage): Pick<StageCard, "pause" | "limit" | "declaredLimit" | "inFlight" | "inLine"> {
  const control = controls.get(`${pipeline}/${stage.name}`);
  const declaredLimit = stage.limit ?? null;
  return { pause: pauseOf(control), limit: control?.unitLimit ?? declaredLimit, declaredLimit, inFlight: control?.inFlight ?? 0, inLine: control?.inLine ?? 0 };
}

type Counts = Pick<StageCard, "rows" | "waiting" | "countError">;

async function countStage(ctx: Ctx, stage: Stage): Promise<Counts> {
  const [rows, waiting] = await Promise.allSettled([stage.rows?.(ctx.db) ?? null, stage.waiting?.(ctx.db) ?? null]);
  const failed = [rows, waiting].find((result) => result.status === "rejected");
  return {
    rows: rows.status === "fulfilled" ? rows.value : null,
    waiting: waiting.status === "fulfilled" ? waiting.value : null,
    countError: failed ? messageOf(failed.reason) : null,
  };
}

async function inBatches<T, R>(list: T[], size: number, fn: (member: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < list.length; start += size) results.push(...(await Promise.all(list.slice(start, start + size).map(fn))));
  return results;
}

type StageRef = { pipeline: string; stage: string };

/**
 * The last run and the active run of each stage, by `pipeline/stage`.
 *
 * The last one is a probe of runs (pipeline, stage, id desc). Active runs are few at any time and have a partial
 * index of their own (`runs_active_idx`); the oldest is the one that a new trigger would meet.
 */
async function listStageRuns(ctx: Ctx, stages: StageRef[]): Promise<{ last: Map<string, RunRow>; active: Map<string, RunRow> }> {
  if (stages.length === 0) return { last: new Map(), active: new Map() };
  const found = await ctx.db.$queryRaw<(StoredRunRow & { part: "last" | "active" })[]>`
    with stages (pipeline, stage) as (values ${join(stages.map(({ pipeline, stage }) => sql`(${pipeline}::text, ${stage}::text)`))})
    ${probe("last", empty, sql`r.id desc`)}
    union all
    ${probe("active", sql`and r.status in ('pending', 'running')`, sql`r.id`)}`;
  const part = (name: "last" | "active") =>
    new Map(found.filter((run) => run.part === name).map(({ part: _, ...run }) => [`${run.pipeline}/${run.stage}`, toRunRow(run)]));
  return { last: part("last"), active: part("active") };
}

const probe = (part: "last" | "active", condition: Sql, order: Sql): Sql => sql`
  select ${part}::text as part, found.*
    from stages s
   cross join lateral (
           select ${RUN_COLUMNS}
             from runs r
            where r.pipeline = s.pipeline and r.stage = s.stage ${condition}
            order by ${order}
            limit 1
         ) found`;

/** A stage whose newest ended run did not go well. */
export type FailingStage = {
  pipeline: string;
  stage: string;
  runId: number;
  status: "failed" | "partial";
  completedAt: Date | null;
  /** The first 300 characters. */
  error: string | null;
  /** Runs that ended badly since the last that went well: this many, or more when `isMore`. */
  inARow: number;
  isMore: boolean;
};

const IN_A_ROW_MAX = 20;
/** Newer runs that have not ended, or were skipped or cancelled, are passed over: so many at most. */
const LOOK_BACK = 200;

/** What is failing now: each stage's newest ended runs, judged one by one until one went well. Bounded a stage. */
export async function listFailingStages(ctx: Ctx, tree: ResolvedFilter | null): Promise<FailingStage[]> {
  allow(ctx, "runs.read");
  const rows = await ctx.db.$queryRaw<(Omit<FailingStage, "runId" | "inARow" | "isMore"> & { runId: bigint; inARow: number })[]>`
    with names as (${RUN_NAMES})
    select names.pipeline, names.stage, bad.id as "runId", bad.status, bad.completed_at as "completedAt", left(bad.error_message, 300) as error, bad.in_a_row as "inARow"
      from names
     cross join lateral (
       select judged.*, (count(*) over ())::int as in_a_row
         from (select ended.*, count(*) filter (where ended.status in ('completed', 'hold')) over (order by ended.id desc) as went_well
                 from (select recent.*
                         from (select r.* from runs r
                                where r.pipeline = names.pipeline and r.stage = names.stage ${tree ? sql`and ${filterCondition(tree)}` : empty}
                                order by r.id desc limit ${LOOK_BACK}::int) recent
                        where recent.status in ('completed', 'hold', 'partial', 'failed')
                        order by recent.id desc limit ${IN_A_ROW_MAX + 1}::int) ended) judged
        where judged.went_well = 0
        order by judged.id desc
        limit 1) bad
     order by bad.completed_at desc nulls last`;
  return rows.map(({ runId, inARow, ...row }) => ({ ...row, runId: Number(runId), inARow: Math.min(inARow, IN_A_ROW_MAX), isMore: inARow > IN_A_ROW_MAX }));
}
