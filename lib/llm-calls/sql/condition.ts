import { join, type Sql, sql } from "#lib/db/client";
import type { CallKey } from "#lib/filters/fields";
import { isCallKey } from "#lib/filters/fields";
import { keyOf } from "#lib/filters/tree";
import type { FilterLeaf, FilterTree } from "#lib/filters/filter";
import { choiceCondition, idCondition, numberCondition, pattern, textCondition, timeCondition, treeCondition } from "#lib/filters/sql/condition";

/** A decimal column: bounds as they are. */
function decimalCondition(column: Sql, leaf: FilterLeaf): Sql {
  if (!("number_range" in leaf)) return sql`${column} is not null`;
  const { min, max } = leaf.number_range;
  return sql`(${join([...(min === undefined ? [] : [sql`${column} >= ${min}::float8::numeric`]), ...(max === undefined ? [] : [sql`${column} <= ${max}::float8::numeric`])], " and ")})`;
}

/** `#12` is the call of that number; other words are looked for in subject and error, which have an index for it, and as a whole role or model. */
function searchCondition(text: string): Sql {
  const id = /^#?(\d{1,15})$/.exec(text)?.[1];
  if (id && text.startsWith("#")) return sql`c.id = ${Number(id)}::bigint`;
  const wanted = pattern(text);
  return sql`(c.subject ilike ${wanted} or c.error ilike ${wanted} or c.role = ${text} or c.model = ${text} or c.template = ${text}${id ? sql` or c.id = ${Number(id)}::bigint` : sql``})`;
}

const CONDITIONS: Record<CallKey, (leaf: FilterLeaf) => Sql> = {
  "system/llm_call.status": (leaf) => choiceCondition(leaf, (word) => sql`c.status = ${word}::llm_call_status`),
  "system/llm_call.stage": (leaf) => textCondition(sql`c.stage`, leaf),
  "system/llm_call.pipeline": (leaf) => textCondition(sql`c.pipeline`, leaf),
  "system/llm_call.role": (leaf) => textCondition(sql`c.role`, leaf),
  "system/llm_call.subject": (leaf) => textCondition(sql`c.subject`, leaf),
  "system/llm_call.template": (leaf) => textCondition(sql`c.template`, leaf),
  "system/llm_call.model": (leaf) => textCondition(sql`c.model`, leaf),
  "system/llm_call.provider": (leaf) => textCondition(sql`c.provider`, leaf),
  "system/llm_call.run": (leaf) => idCondition(sql`c.run_id`, leaf),
  "system/llm_call.cost_usd": (leaf) => decimalCondition(sql`c.cost_usd`, leaf),
  "system/llm_call.tokens": (leaf) => numberCondition(sql`c.total_tokens`, leaf),
  "system/llm_call.duration_ms": (leaf) => numberCondition(sql`c.duration_ms`, leaf),
  "system/llm_call.attempt": (leaf) => numberCondition(sql`c.attempt`, leaf),
  "system/llm_call.error": (leaf) => textCondition(sql`c.error`, leaf),
  "system/llm_call.date.created_at": (leaf) => timeCondition(sql`c.created_at`, leaf),
  "system/llm_call.id": (leaf) => idCondition(sql`c.id`, leaf),
  "system/llm_call.text": (leaf) => ("value_contains" in leaf ? searchCondition(leaf.value_contains.value_substring) : sql`false`),
};

/** What the tree asks of `llm_calls c`, as one condition: parameters only. A key of something else matches nothing. */
export const callCondition = (tree: FilterTree): Sql =>
  treeCondition(tree, (leaf) => {
    const key = keyOf(leaf);
    return isCallKey(key) ? CONDITIONS[key](leaf) : sql`false`;
  });
