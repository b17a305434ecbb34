import { join, type Sql, sql } from "#lib/db/client";
import { RUN_STATUSES } from "#lib/runs/rules";
import { isSystemKey, subjectOf, type SystemKey } from "../fields.ts";
import { keyOf, spanMs } from "../tree.ts";
import type { FilterLeaf, FilterNode } from "../filter.ts";
import type { ResolvedFilter } from "../rules.ts";

const FALSE = sql`false`;
const INT_MAX = 2_147_483_647;

/**
 * What the tree asks of `runs r`, as one condition: parameters only, nothing of the filter becomes SQL text.
 *
 * @param isAlone whether nothing else is asked of them
 */
export function filterCondition(tree: ResolvedFilter, isAlone = countLeaves(tree) === 1): Sql {
  return treeCondition(tree, (leaf) => leafCondition(leaf, isAlone));
}

/** The conditions of a tree's leaves, put together as the tree says. */
export function treeCondition(tree: FilterNode, leafOf: (leaf: FilterLeaf) => Sql): Sql {
  const visit = (node: FilterNode): Sql => {
    if ("and" in node) return sql`(${join(node.and.map(visit), " and ")})`;
    if ("or" in node) return sql`(${join(node.or.map(visit), " or ")})`;
    // What is not known (no duration yet, no error) does not match, so its opposite does.
    if ("not" in node) return sql`((${leafOf(node.not)}) is not true)`;
    return leafOf(node);
  };
  return visit(tree);
}

const countLeaves = (node: FilterNode): number => ("and" in node ? node.and : "or" in node ? node.or : []).reduce((sum, child) => sum + countLeaves(child), "and" in node || "or" in node ? 0 : 1);

/** `%`, `_` and backslash stand for themselves in what a person looks for. */
export const pattern = (text: string): string => `%${text.replace(/[\\%_]/g, "\\$&")}%`;

/**
 * Every pipeline and stage that has runs, by hopping through runs (pipeline, stage, id) from name to name:
 * a text is looked for in a few dozen names instead of in each of a million runs.
 */
export const RUN_NAMES = sql`
  with recursive names as (
    (select n.pipeline, n.stage from runs n order by n.pipeline, n.stage limit 1)
    union all
    select n.pipeline, n.stage
      from names
     cross join lateral (select m.pipeline, m.stage
                           from runs m
                          where (m.pipeline, m.stage) > (names.pipeline, names.stage)
                          order by m.pipeline, m.stage
                          limit 1) n
  )
  select names.pipeline, names.stage from names`;

/**
 * Runs of the names that `condition` picks. Alone, each name is a range of runs (pipeline, stage, status). Beside other
 * conditions, the `case`, which says the same, makes the planner expect half of the names instead of one: it then hashes
 * the few names, and does not walk a large index once a name.
 */
const nameIn = (condition: Sql, isAlone: boolean): Sql => sql`(r.pipeline, r.stage) in (${RUN_NAMES} where ${isAlone ? condition : sql`case when ${condition} then true else false end`})`;

/** A text column with each predicate; a text that is missing is the same as an empty one, and neither exists. */
export function textCondition(column: Sql, leaf: FilterLeaf): Sql {
  if ("key_exists" in leaf) return sql`${column} <> ''`;
  if ("value_equals" in leaf) return leaf.value_equals.value === "" ? sql`coalesce(${column}, '') = ''` : sql`${column} = ${leaf.value_equals.value}`;
  if ("value_contains" in leaf) return sql`${column} ilike ${pattern(leaf.value_contains.value_substring)}`;
  if ("value_in" in leaf) return leaf.value_in.values.length > 0 ? sql`${column} in (${join(leaf.value_in.values)})` : FALSE;
  return FALSE;
}

function nameCondition(leaf: FilterLeaf, isAlone: boolean): Sql {
  const same = (name: string): Sql => {
    const slash = name.indexOf("/");
    return slash < 0 ? FALSE : sql`(r.pipeline = ${name.slice(0, slash)} and r.stage = ${name.slice(slash + 1)})`;
  };
  if ("value_equals" in leaf) return same(leaf.value_equals.value);
  if ("value_in" in leaf) return sql`(${join(leaf.value_in.values.map(same), " or ")})`;
  if ("value_contains" in leaf) return nameIn(sql`names.pipeline || '/' || names.stage ilike ${pattern(leaf.value_contains.value_substring)}`, isAlone);
  return sql`true`;
}

/** Looked for among the names, asked of the column itself otherwise. */
function wordCondition(column: Sql, name: Sql, leaf: FilterLeaf, isAlone: boolean): Sql {
  return "value_contains" in leaf ? nameIn(sql`${name} ilike ${pattern(leaf.value_contains.value_substring)}`, isAlone) : textCondition(column, leaf);
}

export function timeCondition(column: Sql, leaf: FilterLeaf): Sql {
  if ("time_last" in leaf) return sql`${column} >= now() - ${spanMs(leaf.time_last.span)}::float8 * interval '1 millisecond'`;
  if (!("time_range" in leaf)) return sql`${column} is not null`;
  const { start_time, end_time } = leaf.time_range;
  return sql`(${join(
    [...(start_time ? [sql`${column} >= ${start_time}::timestamptz`] : []), ...(end_time ? [sql`${column} < ${end_time}::timestamptz`] : [])],
    " and ",
  )})`;
}

/** Bounds as whole numbers within the column's own type, so that its index serves. */
export function numberCondition(column: Sql, leaf: FilterLeaf): Sql {
  if (!("number_range" in leaf)) return sql`${column} is not null`;
  const min = Math.ceil(leaf.number_range.min ?? -INT_MAX);
  const max = Math.floor(leaf.number_range.max ?? INT_MAX);
  if (min > INT_MAX || max < -INT_MAX || min > max) return FALSE;
  return sql`${column} between ${Math.max(min, -INT_MAX)}::int and ${Math.min(max, INT_MAX)}::int`;
}

/** A column of an enum; `known` are words of ours, checked when the tree was read. */
export function choiceCondition(leaf: FilterLeaf, compare: (word: string) => Sql): Sql {
  const words = "value_equals" in leaf ? [leaf.value_equals.value] : "value_in" in leaf ? leaf.value_in.values : [];
  return words.length > 0 ? sql`(${join([...new Set(words)].map(compare), " or ")})` : FALSE;
}

/** A column of numbers that are written `12` or `#12`. */
export function idCondition(column: Sql, leaf: FilterLeaf): Sql {
  if ("key_exists" in leaf) return sql`${column} is not null`;
  const asked = "value_equals" in leaf ? [leaf.value_equals.value] : "value_in" in leaf ? leaf.value_in.values : [];
  const ids = asked.flatMap((text) => (/^#?[1-9]\d{0,14}$/.test(text) ? [Number(text.replace("#", ""))] : []));
  return ids.length > 0 ? sql`${column} in (${join(ids.map((id) => sql`${id}::bigint`))})` : FALSE;
}

/** `#123` is the run of that number, and only that; other words are looked for in stage, pipeline, status and error. */
function searchCondition(text: string): Sql {
  const id = /^#?(\d{1,15})$/.exec(text)?.[1];
  if (id && text.startsWith("#")) return sql`r.id = ${Number(id)}::bigint`;
  const wanted = pattern(text);
  const statuses = RUN_STATUSES.filter((status) => status.includes(text.toLowerCase()));
  return sql`(${join(
    [
      sql`r.stage ilike ${wanted}`,
      sql`r.pipeline ilike ${wanted}`,
      sql`r.error_message ilike ${wanted}`,
      ...(statuses.length > 0 ? [sql`r.status in (${join(statuses.map((word) => sql`${word}::run_status`))})`] : []),
      ...(id ? [sql`r.id = ${Number(id)}::bigint`] : []),
    ],
    " or ",
  )})`;
}

const SYSTEM_CONDITIONS: Record<SystemKey, (leaf: FilterLeaf, isAlone: boolean) => Sql> = {
  "system/pipeline_run.created_by": (leaf) => textCondition(sql`r.created_by`, leaf),
  "system/pipeline_run.name": nameCondition,
  "system/pipeline_run.date.created_at": (leaf) => timeCondition(sql`r.created_at`, leaf),
  "system/pipeline_run.status": (leaf) => choiceCondition(leaf, (word) => sql`r.status = ${word}::run_status`),
  "system/pipeline_run.stage": (leaf, isAlone) => wordCondition(sql`r.stage`, sql`names.stage`, leaf, isAlone),
  "system/pipeline_run.pipeline": (leaf, isAlone) => wordCondition(sql`r.pipeline`, sql`names.pipeline`, leaf, isAlone),
  "system/pipeline_run.triggered_by": (leaf) => choiceCondition(leaf, (word) => sql`r.triggered_by = ${word}::run_trigger`),
  "system/pipeline_run.outcome": (leaf) => textCondition(sql`r.outcome`, leaf),
  "system/pipeline_run.error": (leaf) => textCondition(sql`r.error_message`, leaf),
  "system/pipeline_run.items": (leaf) => numberCondition(sql`r.items_processed`, leaf),
  "system/pipeline_run.duration_ms": (leaf) => numberCondition(sql`r.duration_ms`, leaf),
  "system/pipeline_run.has_llm_calls": (leaf) =>
    choiceCondition(leaf, (word) => {
      const has = sql`exists (select from llm_calls c where c.run_id = r.id)`;
      return word === "true" ? has : sql`not ${has}`;
    }),
  "system/pipeline_run.handled": (leaf) =>
    choiceCondition(leaf, (word) => {
      const handled = sql`exists (
        with recursive retries (id, status) as (
          select t.id, t.status from runs t where t.retry_of = r.id
          union all
          select t.id, t.status from retries join runs t on t.retry_of = retries.id
        )
        select from retries where retries.status in ('completed', 'hold'))`;
      return word === "true" ? handled : sql`not ${handled}`;
    }),
  "system/pipeline_run.id": (leaf) => idCondition(sql`r.id`, leaf),
  "system/pipeline_run.text": (leaf) => ("value_contains" in leaf ? searchCondition(leaf.value_contains.value_substring) : FALSE),
  "system/pipeline_run.date.started_at": (leaf) => timeCondition(sql`r.started_at`, leaf),
  "system/pipeline_run.date.completed_at": (leaf) => timeCondition(sql`r.completed_at`, leaf),
};

function leafCondition(leaf: FilterLeaf, isAlone: boolean): Sql {
  const key = keyOf(leaf);
  if (isSystemKey(key)) return SYSTEM_CONDITIONS[key](leaf, isAlone);
  const subject = subjectOf(key);
  return subject === null ? annotationCondition(key, leaf) : subjectCondition(subject, leaf);
}

/** An annotation that is there without a value exists, and equals the empty text. */
function annotationCondition(key: string, leaf: FilterLeaf): Sql {
  const value = "key_exists" in leaf ? sql`true` : textCondition(sql`a.value`, leaf);
  return sql`exists (select from run_annotations a where a.run_id = r.id and a.key = ${key} and ${value})`;
}

/**
 * What a leaf about annotations asks of `run_annotations a`, as conditions of which an annotation fulfils one at most: of short
 * values, which stand in the index run_annotations_stats_idx, and of long ones, which are few.
 */
export function annotationMatches(leaf: FilterLeaf): Sql[] {
  const own = sql`a.key = ${keyOf(leaf)}`;
  if ("key_exists" in leaf) return [own];
  // As `ilike` does it, but for the pattern once, not for each value: twice as fast.
  const short = "value_contains" in leaf ? sql`lower(a.short_value) like lower(${pattern(leaf.value_contains.value_substring)})` : textCondition(sql`a.short_value`, leaf);
  return [sql`${own} and a.short_value is not null and ${short}`, sql`${own} and a.short_value is null and ${textCondition(sql`a.value`, leaf)}`];
}

/** A run may be about several symbols: any of them may match. */
function subjectCondition(name: string, leaf: FilterLeaf): Sql {
  return sql`exists (select from run_subjects s where s.run_id = r.id and s.key = ${name} and ${textCondition(sql`s.value`, leaf)})`;
}
