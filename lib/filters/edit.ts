/** What the filter bar does to a tree, and how it says what a tree asks. Pure, isomorphic. */
import { fieldOf } from "./fields.ts";
import { nodesOf, spanMs, treeOf } from "./tree.ts";
import type { FilterLeaf, FilterNode, FilterTree } from "./filter.ts";

export const CREATED_AT = "system/pipeline_run.date.created_at";
export const CALL_CREATED_AT = "system/llm_call.date.created_at";
export type Choice = "include" | "exclude";

const leafOf = (node: FilterNode): FilterLeaf | null => ("and" in node || "or" in node ? null : "not" in node ? node.not : node);

export function keyOfNode(node: FilterNode): string | null {
  const leaf = leafOf(node);
  return leaf ? ((Object.values(leaf)[0] as { key: string } | undefined)?.key ?? null) : null;
}

/** The values of `value_equals` and `value_in`; null for what asks something else. */
function valuesOf(leaf: FilterLeaf): string[] | null {
  if ("value_equals" in leaf) return [leaf.value_equals.value];
  return "value_in" in leaf ? leaf.value_in.values : null;
}

/** The leaf that asks for any of these values, at least one, as an address would say it. */
export function anyOf(key: string, values: string[]): FilterLeaf {
  const [only, ...more] = values;
  return only !== undefined && more.length === 0 ? { value_equals: { key, value: only } } : { value_in: { key, values } };
}

/** Which values of a field are asked for, and which are kept out. */
export function choicesIn(tree: FilterTree | null, key: string): Map<string, Choice> {
  const found = new Map<string, Choice>();
  for (const node of nodesOf(tree)) {
    const leaf = leafOf(node);
    if (!leaf || keyOfNode(node) !== key) continue;
    for (const value of valuesOf(leaf) ?? []) found.set(value, "not" in node ? "exclude" : "include");
  }
  return found;
}

/** The tree in which one value of a field is asked for, kept out, or (null) neither. */
export function choose(tree: FilterTree | null, key: string, value: string, choice: Choice | null): FilterTree | null {
  const choices = choicesIn(tree, key);
  choices.delete(value);
  if (choice) choices.set(value, choice);
  const listed = (wanted: Choice) => [...choices].flatMap(([one, how]) => (how === wanted ? one : []));
  const leaves = (values: string[]): FilterLeaf[] => (values.length > 0 ? [anyOf(key, values)] : []);
  const nodes = [...leaves(listed("include")), ...leaves(listed("exclude")).map((not) => ({ not }))];
  return replace(tree, (node) => keyOfNode(node) === key && valuesOf(leafOf(node) as FilterLeaf) !== null, nodes);
}

/** The tree in which this is all that is asked of the field; no leaf lifts every condition on it. */
export function ask(tree: FilterTree | null, key: string, leaf: FilterLeaf | null): FilterTree | null {
  return replace(tree, (node) => keyOfNode(node) === key, leaf ? [leaf] : []);
}

/** When the runs that match were triggered: the tightest range that is asked for; null where it is open. */
export function createdRange(tree: FilterTree | null, now: Date): { from: Date | null; to: Date | null } {
  let from: number | null = null;
  let to: number | null = null;
  for (const node of nodesOf(tree)) {
    if (keyOfNode(node) !== CREATED_AT || "not" in node) continue;
    if ("time_last" in node) from = Math.max(from ?? -Infinity, now.getTime() - spanMs(node.time_last.span));
    if (!("time_range" in node)) continue;
    const { start_time, end_time } = node.time_range;
    if (start_time) from = Math.max(from ?? -Infinity, Date.parse(start_time));
    if (end_time) to = Math.min(to ?? Infinity, Date.parse(end_time));
  }
  return { from: from === null ? null : new Date(from), to: to === null ? null : new Date(to) };
}

/** What of a tree about runs can be asked of their model calls too: when they were made, and of which stage and pipeline. */
export function callsTree(tree: FilterTree | null): FilterTree | null {
  const AS: Record<string, string> = { [CREATED_AT]: CALL_CREATED_AT, "system/pipeline_run.stage": "system/llm_call.stage", "system/pipeline_run.pipeline": "system/llm_call.pipeline" };
  const renamed = (leaf: FilterLeaf): FilterLeaf | null => {
    const [[predicate, body] = ["", { key: "" }]] = Object.entries(leaf) as [string, { key: string }][];
    const key = AS[body.key];
    // The same predicate of a key that takes the same.
    return key === undefined ? null : ({ [predicate]: { ...body, key } } as FilterLeaf);
  };
  const nodes = nodesOf(tree).flatMap((node): FilterNode[] => {
    if ("and" in node || "or" in node) return [];
    const leaf = renamed("not" in node ? node.not : node);
    return leaf === null ? [] : ["not" in node ? { not: leaf } : leaf];
  });
  return nodes.length > 0 ? treeOf(nodes) : null;
}

/** The tree that asks the same of another time. */
export const withCreatedRange = (tree: FilterTree | null, from: Date, to: Date): FilterTree =>
  ask(tree, CREATED_AT, { time_range: { key: CREATED_AT, start_time: from.toISOString(), end_time: to.toISOString() } }) as FilterTree;

/** The tree without the `index`-th of the conditions that must hold together. */
export function without(tree: FilterTree | null, index: number): FilterTree | null {
  const kept = nodesOf(tree).filter((_, at) => at !== index);
  return kept.length > 0 ? treeOf(kept) : null;
}

/** New nodes stand where the first of the old ones stood, so that the bar does not reorder itself. */
function replace(tree: FilterTree | null, isOld: (node: FilterNode) => boolean, nodes: FilterNode[]): FilterTree | null {
  const old = nodesOf(tree);
  const at = old.findIndex(isOld);
  const kept = old.filter((node) => !isOld(node));
  const next = at === -1 ? [...kept, ...nodes] : kept.toSpliced(at, 0, ...nodes);
  return next.length > 0 ? treeOf(next) : null;
}

/** One condition in words: `{ label: "Stage", text: "is not content" }`. */
export function describeNode(node: FilterNode): { label: string; text: string } {
  const key = keyOfNode(node);
  const leaf = leafOf(node);
  const field = key === null ? null : fieldOf(key);
  if (!leaf || !field) return { label: "or" in node ? "Any of" : "All of", text: describeList("and" in node ? node.and : "or" in node ? node.or : []) };
  return { label: field.label, text: describeLeaf(leaf, field.kind, "not" in node) };
}

const describeList = (nodes: FilterNode[]): string =>
  nodes.map((node) => ("and" in node || "or" in node ? `(${describeNode(node).text})` : `${describeNode(node).label} ${describeNode(node).text}`)).join("; ");

function describeLeaf(leaf: FilterLeaf, kind: string, isNot: boolean): string {
  const not = isNot ? "not " : "";
  if ("key_exists" in leaf) return isNot ? "is missing" : "is there";
  if ("value_contains" in leaf) return `${isNot ? "without " : kind === "search" ? "" : "has "}“${leaf.value_contains.value_substring}”`;
  if ("time_last" in leaf) return `${isNot ? "before the" : "in the"} last ${leaf.time_last.span}`;
  if ("time_range" in leaf) {
    const { start_time, end_time } = leaf.time_range;
    const from = start_time && `from ${printInstant(start_time)}`;
    const until = end_time && `until ${printInstant(end_time)}`;
    return `${not}${[from, until].filter(Boolean).join(" ")}`;
  }
  if ("number_range" in leaf) {
    const { min, max } = leaf.number_range;
    const unit = kind === "duration" ? " ms" : "";
    if (min !== undefined && min === max) return `${not}${min}${unit}`;
    return `${not}${[min !== undefined && `at least ${min}${unit}`, max !== undefined && `at most ${max}${unit}`].filter(Boolean).join(" and ")}`;
  }
  return `${not}${(valuesOf(leaf) ?? []).map((value) => (value === "" ? "empty" : value)).join(" or ")}`;
}

const printInstant = (at: string): string => at.replace("T", " ").replace(/(:00)?\.000Z$/, "Z");
