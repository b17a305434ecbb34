/**
 * The address form of a filter: one readable, repeatable parameter a field, `filter=` for what those cannot say. Isomorphic.
 *
 *     status=failed&status=partial&not.stage=content&started=7d&items=10..&annotation.team=blue&q=timeout
 *
 * Equal values of one parameter are alternatives; everything else must hold together. Values of a text: `blue` is the whole
 * text, `~blu` a part of it, `*` any text at all, and `=` before it takes the rest as it stands. What a tree may hold is checked
 * by whoever reads (params.ts): browsers print addresses with every link, and need no schema for that.
 */
import type { Fault } from "#lib/errors";
import { type FilterField, type Filtered, fieldOf, filteredOf, keyOfParam } from "./fields.ts";
import type { FilterLeaf, FilterNode, FilterTree } from "./filter.ts";
import { keyOf, MAX_FILTER_LENGTH, MAX_LEAVES, nodesOf, SPAN, treeOf } from "./tree.ts";

const NOT = "not.";
const TREE = "filter";
/** As many faults are told as a person reads. */
const MAX_FAULTS = 20;

/** Whether a parameter belongs to the filter at all; others are somebody else's. */
export const isFilterParam = (param: string, of: Filtered = "run"): boolean => param === TREE || keyOfParam(bare(param), of) !== null;

const bare = (param: string): string => (param.startsWith(NOT) ? param.slice(NOT.length) : param);

/** What is made of a value that should be a tree. */
export type CheckTree = (value: unknown, of: Filtered) => { tree: FilterTree } | { faults: Fault[] };

/** The filter in an address, each part of it by the leave of `check`. */
export function readAddress(params: URLSearchParams, of: Filtered, check: CheckTree): { tree: FilterTree | null; faults: Fault[] } {
  const faults: Fault[] = [];
  const nodes: FilterNode[] = [];
  const names = [...new Set(params.keys())].filter((name) => isFilterParam(name, of) && params.getAll(name).some((value) => value !== ""));
  for (const name of names) {
    const values = [...new Set(params.getAll(name))].filter((value) => value !== "");
    if (name === TREE) {
      const trees = values.flatMap((text) => readTree(text, of, check, faults) ?? []);
      if (names.length === 1 && trees.length === 1) return { tree: trees[0] ?? null, faults };
      nodes.push(...trees.flatMap(nodesOf));
    } else nodes.push(...readParam(name, values, of, check, faults));
    if (faults.length >= MAX_FAULTS) break;
  }
  return { tree: within(nodes, of, check, faults), faults: faults.slice(0, MAX_FAULTS) };
}

/** The address form of a tree: readable as far as its parameters can say it, and read back to the very same tree. */
export function printFilterParams(tree: FilterTree | null): URLSearchParams {
  const params = new URLSearchParams();
  if (!tree) return params;
  const rest: FilterNode[] = [];
  for (const node of "and" in tree ? tree.and : []) {
    const printed = printNode(node);
    if (printed) for (const value of printed.values) params.append(printed.param, value);
    else rest.push(node);
  }
  if (rest.length > 0) params.append(TREE, JSON.stringify({ and: rest }));
  // Rather than deciding which trees parameters can say: the one that reads back the same is right.
  if ("and" in tree && JSON.stringify(readAddress(params, subjectMatter(tree), asItStands).tree) === JSON.stringify(tree)) return params;
  return new URLSearchParams({ [TREE]: JSON.stringify(tree) });
}

/** For what was printed from a tree: a part of a tree that holds, and that reads the same, holds too. */
const asItStands: CheckTree = (value) => ({ tree: value as FilterTree });

/** What a tree is about: the first of its keys says it for all. */
function subjectMatter(node: FilterNode): Filtered {
  if ("and" in node || "or" in node) {
    const [first] = "and" in node ? node.and : node.or;
    return first ? subjectMatter(first) : "run";
  }
  return filteredOf(keyOf("not" in node ? node.not : node));
}

function readTree(text: string, of: Filtered, check: CheckTree, faults: Fault[]): FilterTree | null {
  const refuse = (path: string, message: string): null => {
    faults.push({ path, message });
    return null;
  };
  if (text.length > MAX_FILTER_LENGTH) return refuse(TREE, `is longer than ${MAX_FILTER_LENGTH} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse(TREE, "is no valid JSON");
  }
  const checked = check(value, of);
  if ("tree" in checked) return checked.tree;
  for (const { path, message } of checked.faults) refuse([TREE, path].filter(Boolean).join("."), message);
  return null;
}

function readParam(name: string, values: string[], of: Filtered, check: CheckTree, faults: Fault[]): FilterNode[] {
  const key = keyOfParam(bare(name), of) ?? "";
  const field = fieldOf(key);
  const found: FilterNode[] = [];
  const equal: string[] = [];
  const keep = (leaf: unknown): void => {
    // The tree's own reader checks what may be asked of the key, and spells values as trees do.
    const checked = check({ and: [name.startsWith(NOT) ? { not: leaf } : leaf] }, of);
    if ("tree" in checked) found.push(...nodesOf(checked.tree));
    else faults.push({ path: name, message: checked.faults[0]?.message ?? "is not understood" });
  };
  for (const value of values.slice(0, MAX_LEAVES + 1)) {
    const read = field ? readValue(field, key, value) : { equals: value };
    if ("equals" in read) equal.push(read.equals);
    else if ("leaf" in read) keep(read.leaf);
    else faults.push({ path: name, message: read.fault });
  }
  const known = field?.choices ? equal.filter((value) => "tree" in check({ and: [{ value_equals: { key, value } }] }, of) || (keep({ value_equals: { key, value } }), false)) : equal;
  if (known.length > 0) keep(known.length === 1 ? { value_equals: { key, value: known[0] } } : { value_in: { key, values: known } });
  return found;
}

type ReadValue = { equals: string } | { leaf: unknown } | { fault: string };

function readValue({ kind }: FilterField, key: string, value: string): ReadValue {
  if (kind === "choice") return { equals: value };
  if (kind === "search") return { leaf: { value_contains: { key, value_substring: value.trim() } } };
  if (value === "*") return { leaf: { key_exists: { key } } };
  if (kind === "number" || kind === "duration") return readNumbers(key, value, kind === "duration");
  if (kind === "time") return readTimes(key, value);
  if (value.startsWith("=")) return { equals: value.slice(1) };
  if (value.startsWith("~")) return { leaf: { value_contains: { key, value_substring: value.slice(1) } } };
  return kind === "words" ? { leaf: { value_contains: { key, value_substring: value } } } : { equals: value };
}

function readTimes(key: string, value: string): ReadValue {
  if (SPAN.test(value)) return { leaf: { time_last: { key, span: value } } };
  const [start, end, more] = value.split("..");
  if (end === undefined || more !== undefined) return { fault: "is a length of time such as 7d, or two times such as 2026-03-01T00:00:00Z..2026-03-02T00:00:00Z of which one may be missing" };
  return { leaf: { time_range: { key, ...(start && { start_time: withMillis(start) }), ...(end && { end_time: withMillis(end) }) } } };
}

/** As trees spell an instant: the inverse of `printTime`. */
const withMillis = (at: string): string => at.replace(/(:\d\d)Z$/, "$1.000Z");

const NUMBER = /^(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)(ms|s|m|h|d)?$/i;
const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;

function readNumbers(key: string, value: string, isDuration: boolean): ReadValue {
  const [low = "", high = low, more] = value.split("..");
  const bounds = [low, high].map((text) => (text === "" ? null : readNumber(text, isDuration)));
  if (more !== undefined || bounds.includes(undefined)) {
    return { fault: isDuration ? "is a duration such as 30s..5m, of which one may be missing" : "is a number, or two such as 10..100 of which one may be missing" };
  }
  const [min, max] = bounds;
  return { leaf: { number_range: { key, ...(min !== null && { min }), ...(max !== null && { max }) } } };
}

function readNumber(text: string, isDuration: boolean): number | undefined {
  const [, digits, unit] = NUMBER.exec(text) ?? [];
  if (digits === undefined || (unit && !isDuration)) return undefined;
  return Number(digits) * (unit ? UNITS[unit.toLowerCase() as keyof typeof UNITS] : 1);
}

/** The parameter and its values that say the node; null when no parameter can. */
function printNode(node: FilterNode): { param: string; values: string[] } | null {
  if ("and" in node || "or" in node) return null;
  const isNot = "not" in node;
  const leaf: FilterLeaf = isNot ? node.not : node;
  const [body] = Object.values(leaf) as { key: string }[];
  const field = body && fieldOf(body.key);
  const values = field && printLeaf(field, leaf);
  return values ? { param: `${isNot ? NOT : ""}${field.param}`, values } : null;
}

function printLeaf({ kind }: FilterField, leaf: FilterLeaf): string[] {
  if ("key_exists" in leaf) return ["*"];
  if ("time_last" in leaf) return [leaf.time_last.span];
  if ("time_range" in leaf) return [`${printTime(leaf.time_range.start_time)}..${printTime(leaf.time_range.end_time)}`];
  if ("number_range" in leaf) {
    const { min, max } = leaf.number_range;
    const print = (bound: number | undefined) => (bound === undefined ? "" : kind === "duration" ? printDuration(bound) : String(bound));
    return [min !== undefined && min === max ? print(min) : `${print(min)}..${print(max)}`];
  }
  if ("value_contains" in leaf) {
    const text = leaf.value_contains.value_substring;
    return [kind === "search" || (kind === "words" && !/^([~=]|\*$)/.test(text)) ? text : `~${text}`];
  }
  const values = "value_equals" in leaf ? [leaf.value_equals.value] : leaf.value_in.values;
  return values.map((value) => (kind === "choice" || (kind === "text" && value !== "" && !/^([~=]|\*$)/.test(value)) ? value : `=${value}`));
}

const printTime = (at: string | undefined): string => at?.replace(".000Z", "Z") ?? "";

function printDuration(ms: number): string {
  const unit = (Object.keys(UNITS) as (keyof typeof UNITS)[]).find((name) => ms !== 0 && ms % UNITS[name] === 0);
  return unit && unit !== "ms" ? `${ms / UNITS[unit]}${unit}` : String(ms);
}

/** The tree of these nodes, without what would make it too large or too deep. */
function within(nodes: FilterNode[], of: Filtered, check: CheckTree, faults: Fault[]): FilterTree | null {
  const kept = nodes.slice(0, MAX_LEAVES);
  for (;;) {
    const checked = kept.length > 0 ? check(treeOf(kept), of) : null;
    if (!checked || "tree" in checked) {
      if (kept.length < nodes.length) faults.push({ path: TREE, message: `is more than a filter holds: its last ${nodes.length - kept.length} parts were left out` });
      return checked?.tree ?? null;
    }
    kept.pop();
  }
}
