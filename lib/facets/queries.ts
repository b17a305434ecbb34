import { allow } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { empty, type Sql, sql } from "#lib/db/client";
import { AppError } from "#lib/errors";
import { ask } from "#lib/filters/edit";
import { subjectOf } from "#lib/filters/fields";
import type { FilterTree } from "#lib/filters/filter";
import { hashOf, type ResolvedFilter, resolveMe } from "#lib/filters/rules";
import { filterCondition, RUN_NAMES } from "#lib/filters/sql/condition";
import { PIPELINES } from "#lib/pipelines/registry";
import { getCachedCountsBy, statsCacheOf } from "#lib/stats/queries";
import { planAnnotated, planRollup } from "#lib/stats/sql/plan";
import { COUNTED_FACETS, hasFacets, isCounted, MAX_FACETS, SAMPLE } from "./fields.ts";

export type Facets = {
  values: { value: string; count: number }[];
  /** Null when every run that matches was counted, else how many of the newest were. */
  ofNewest: number | null;
  asOf: Date;
};

/**
 * The values that a field has among the runs that match everything else that is asked, with how many have each; the most
 * frequent first. At most 45 s old.
 *
 * @throws AppError INVALID for a field without facets
 */
export async function getFacets(ctx: Ctx, { tree, key }: { tree: FilterTree | null; key: string }): Promise<Facets> {
  allow(ctx, "runs.read");
  if (!hasFacets(key)) throw new AppError("INVALID", `There are no facets of ${key}.`, { faults: [{ path: "field", message: "has no facets" }] });
  const others = ask(tree, key, null);
  const resolved = others && resolveMe(others, ctx.actor.name);
  if (isCounted(key) && isCountedInAdvance(resolved)) {
    const { groups, asOf } = await getCachedCountsBy(ctx, COUNTED_FACETS[key], resolved);
    const counts = new Map<string, number>();
    // Stages come with their pipeline; two pipelines may have one of the same name.
    for (const group of groups) add(counts, key === "system/pipeline_run.stage" ? group.key.slice(group.key.indexOf("/") + 1) : group.key, group.count);
    return { values: ranked(counts), ofNewest: null, asOf };
  }
  return statsCacheOf(ctx).get(`facets:${key}:${hashOf(resolved)}`, performance.now(), () => sampleFacets(ctx, key, resolved));
}

const isCountedInAdvance = (tree: ResolvedFilter | null): boolean => planRollup(tree, Date.now()) !== null || planAnnotated(tree) !== null;

async function sampleFacets(ctx: Ctx, key: string, tree: ResolvedFilter | null): Promise<Facets> {
  const rows = await ctx.db.$queryRaw<{ value: string | null; count: bigint; looked: bigint; at: Date }[]>`
    with newest as materialized (
      select r.id, ${RUN_VALUES[key] ?? sql`null`} as value from runs r ${tree ? sql`where ${filterCondition(tree)}` : empty} order by r.id desc limit ${SAMPLE + 1}::int
    )
    select found.value, count(found.value) as count, looked.looked, statement_timestamp() as at
      from (select count(*) as looked from newest) looked
      left join (${valuesOf(key)}) found on true
     group by found.value, looked.looked
     order by 2 desc, 1
     limit ${MAX_FACETS}::int`;
  const looked = Number(rows[0]?.looked ?? 0);
  return {
    values: rows.flatMap(({ value, count }) => (value ? [{ value, count: Number(count) }] : [])),
    ofNewest: looked > SAMPLE ? SAMPLE : null,
    asOf: rows[0]?.at ?? new Date(0),
  };
}

/** The values that the run itself has. */
const RUN_VALUES: Record<string, Sql> = {
  "system/pipeline_run.status": sql`r.status::text`,
  "system/pipeline_run.stage": sql`r.stage`,
  "system/pipeline_run.pipeline": sql`r.pipeline`,
  "system/pipeline_run.triggered_by": sql`r.triggered_by::text`,
  "system/pipeline_run.created_by": sql`r.created_by`,
  "system/pipeline_run.outcome": sql`r.outcome`,
};

function valuesOf(key: string): Sql {
  if (key in RUN_VALUES) return sql`select n.value from newest n`;
  const subject = subjectOf(key);
  if (subject !== null) return sql`select s.value from newest n join run_subjects s on s.run_id = n.id and s.key = ${subject}`;
  return sql`select a.value from newest n join run_annotations a on a.run_id = n.id and a.key = ${key}`;
}

const add = (counts: Map<string, number>, value: string, count: number) => counts.set(value, (counts.get(value) ?? 0) + count);
const ranked = (counts: Map<string, number>) =>
  [...counts].map(([value, count]) => ({ value, count })).filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count || a.value.localeCompare(b.value)).slice(0, MAX_FACETS);

/** The names of subjects and annotations that the newest runs have: what a menu may offer. */
export async function listNames(ctx: Ctx): Promise<{ subjects: string[]; annotations: string[] }> {
  allow(ctx, "runs.read");
  return statsCacheOf(ctx).get("names", performance.now(), async () => {
    const [subjects, annotations] = await Promise.all([hop(ctx, sql`run_subjects`), hop(ctx, sql`run_annotations`)]);
    return { subjects, annotations: annotations.filter((name) => !name.startsWith("system/")) };
  });
}

/** The pipelines and stages that are defined, and those that only have runs. One index hop a name; at most 45 s old. */
export async function listStageNames(ctx: Ctx): Promise<{ pipeline: string; stages: string[] }[]> {
  allow(ctx, "runs.read");
  return statsCacheOf(ctx).get("stage names", performance.now(), async () => {
    const seen = await ctx.db.$queryRaw<{ pipeline: string; stage: string }[]>`${RUN_NAMES}`;
    const names = [...PIPELINES.flatMap(({ name, stages }) => stages.map((stage) => ({ pipeline: name, stage: stage.name }))), ...seen];
    return [...Map.groupBy(names, ({ pipeline }) => pipeline)].map(([pipeline, list]) => ({ pipeline, stages: [...new Set(list.map(({ stage }) => stage))] }));
  });
}

/** The distinct keys of a table, by hopping through its index from one to the next. */
async function hop(ctx: Ctx, table: Sql): Promise<string[]> {
  const rows = await ctx.db.$queryRaw<{ key: string }[]>`
    with recursive keys as (
      (select t.key, 1 as n from ${table} t order by t.key limit 1)
      union all
      select next.key, keys.n + 1 from keys cross join lateral (select t.key from ${table} t where t.key > keys.key order by t.key limit 1) next where keys.n < ${MAX_FACETS}::int
    )
    select keys.key from keys`;
  return rows.map(({ key }) => key);
}
