/** What is done to a filter tree before it is asked of the database: pure. */
import { createHash } from "node:crypto";
import type { FilterLeaf, FilterNode, FilterTree } from "./filter.ts";

/** Stands for whoever asks, where a filter names creators. */
export const ME = "me";
const CREATED_BY = "system/pipeline_run.created_by";

declare const resolved: unique symbol;
/** A tree in which `me` is a name. A `value_in` may be empty here: it matches nobody. */
export type ResolvedFilter = FilterTree & { [resolved]: true };

/**
 * Puts the user's name where the tree says `me`, in `value_equals` and `value_in` on the creator alike.
 * Without a user it matches nobody, least of all runs without a creator; `not` of that matches every run.
 */
export function resolveMe(tree: FilterTree, user: string | null): ResolvedFilter {
  const leaf = (node: FilterLeaf): FilterLeaf => {
    if ("value_equals" in node && node.value_equals.key === CREATED_BY && node.value_equals.value === ME) {
      return user === null ? { value_in: { key: CREATED_BY, values: [] } } : { value_equals: { key: CREATED_BY, value: user } };
    }
    if ("value_in" in node && node.value_in.key === CREATED_BY) {
      return { value_in: { key: CREATED_BY, values: node.value_in.values.flatMap((value) => (value === ME ? (user ?? []) : value)) } };
    }
    return node;
  };
  const visit = (node: FilterNode): FilterNode => {
    if ("and" in node) return { and: node.and.map(visit) };
    if ("or" in node) return { or: node.or.map(visit) };
    return "not" in node ? { not: leaf(node.not) } : leaf(node);
  };
  return visit(tree) as ResolvedFilter;
}

/** A fingerprint of what is asked: SHA-256, the same whatever the order of members, so two users' `me` never share one. */
export const hashOf = (tree: ResolvedFilter | null): string => createHash("sha256").update(tree ? canonical(tree) : "").digest("base64url");

function canonical(node: FilterNode): string {
  if ("and" in node) return `and(${[...new Set(node.and.map(canonical))].sort().join(",")})`;
  if ("or" in node) return `or(${[...new Set(node.or.map(canonical))].sort().join(",")})`;
  if ("not" in node) return `not(${canonical(node.not)})`;
  const [[predicate, body] = []] = Object.entries(node);
  const sorted = Object.entries(body as object).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, Array.isArray(value) ? [...new Set(value)].sort() : value]);
  return JSON.stringify([predicate, sorted]);
}
