/** Whether a filter can be answered from rollups, and from which of their rows, or else from annotations: pure. */
import type { RollupGrain } from "#lib/db/generated/enums";
import { isSystemKey, subjectOf, type SystemKey } from "#lib/filters/fields";
import { keyOf, spanMs } from "#lib/filters/tree";
import type { FilterLeaf, FilterNode } from "#lib/filters/filter";
import type { ResolvedFilter } from "#lib/filters/rules";
import { DAY_MS, HOUR_MS } from "../rules.ts";

/** From `from` on, before `to`, in milliseconds since 1970; infinite where there is no bound. */
export type Span = { from: number; to: number };
export const ALWAYS: Span = { from: -Infinity, to: Infinity };
export const overlap = (a: Span, b: Span): Span => ({ from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) });

/** A filter in two: when the runs were created, and what else they have to be, of which rollups know everything. */
export type RollupPlan = { span: Span; rest: ResolvedFilter | null; usesCreator: boolean; usesTrigger: boolean };

const CREATED_AT = "system/pipeline_run.date.created_at" satisfies SystemKey;
const CREATED_BY = "system/pipeline_run.created_by" satisfies SystemKey;
const TRIGGERED_BY = "system/pipeline_run.triggered_by" satisfies SystemKey;
const KEPT: readonly string[] = [
  CREATED_BY, TRIGGERED_BY, "system/pipeline_run.name", "system/pipeline_run.pipeline", "system/pipeline_run.stage", "system/pipeline_run.status",
] satisfies SystemKey[];

/**
 * Null when the runs themselves have to be asked: rollups do not know a field, or a time stands beside an `or` or a `not`.
 *
 * @param nowMs what "the last 7 days" end at; the runs are asked by the database's clock, the rollups by this one
 */
export function planRollup(tree: ResolvedFilter | null, nowMs: number): RollupPlan | null {
  let span = ALWAYS;
  const rest: FilterNode[] = [];
  const keys = new Set<string>();
  const split = (node: FilterNode): boolean => {
    if ("and" in node) return node.and.every(split);
    const own = spanOf(node, nowMs);
    if (own) span = overlap(span, own);
    else rest.push(node);
    return own !== null || keepsAll(node, keys);
  };
  if (tree && !split(tree)) return null;
  return {
    span,
    rest: rest.length > 0 ? ({ and: rest } as FilterNode as ResolvedFilter) : null,
    usesCreator: keys.has(CREATED_BY),
    usesTrigger: keys.has(TRIGGERED_BY),
  };
}

function spanOf(node: FilterNode, nowMs: number): Span | null {
  if ("time_last" in node && node.time_last.key === CREATED_AT) return { from: nowMs - spanMs(node.time_last.span), to: Infinity };
  if (!("time_range" in node) || node.time_range.key !== CREATED_AT) return null;
  const { start_time, end_time } = node.time_range;
  return { from: start_time ? Date.parse(start_time) : -Infinity, to: end_time ? Date.parse(end_time) : Infinity };
}

function keepsAll(node: FilterNode, keys: Set<string>): boolean {
  if ("and" in node) return node.and.every((child) => keepsAll(child, keys));
  if ("or" in node) return node.or.every((child) => keepsAll(child, keys));
  const key = wordKeyOf("not" in node ? node.not : node);
  if (key === null || !KEPT.includes(key)) return false;
  keys.add(key);
  return true;
}

/** The system key that a predicate about words asks of; null for annotations, and for a predicate that is about something else. */
function wordKeyOf(leaf: FilterLeaf): SystemKey | null {
  const body =
    "key_exists" in leaf ? leaf.key_exists :
    "value_equals" in leaf ? leaf.value_equals :
    "value_contains" in leaf ? leaf.value_contains :
    "value_in" in leaf ? leaf.value_in :
    null;
  return body && isSystemKey(body.key) ? body.key : null;
}

/** A filter in two: an annotation that every run has which matches, and what else is asked of those runs. */
export type AnnotationPlan = { leaf: FilterLeaf; rest: ResolvedFilter | null };

/**
 * Null when the runs themselves have to be asked: no annotation is asked for in any case, or what else is asked does not
 * stand beside annotations.
 */
export function planAnnotated(tree: ResolvedFilter | null): AnnotationPlan | null {
  const nodes = tree ? partsOf(tree) : [];
  const leaf = nodes.find(isAnnotationLeaf);
  const rest = nodes.filter((node) => node !== leaf);
  if (!leaf || !rest.every(standsBeside)) return null;
  return { leaf, rest: rest.length > 0 ? ({ and: rest } as FilterNode as ResolvedFilter) : null };
}

/** All of which have to be true. */
const partsOf = (node: FilterNode): FilterNode[] => ("and" in node ? node.and.flatMap(partsOf) : [node]);

const isBranch = (node: FilterNode): node is { and: FilterNode[] } | { or: FilterNode[] } => "and" in node || "or" in node;
const isAnnotationLeaf = (node: FilterNode): node is FilterLeaf => !isBranch(node) && !("not" in node) && isAnnotation(keyOf(node));
const isAnnotation = (key: string): boolean => !isSystemKey(key) && subjectOf(key) === null;

/** Whether an annotation and its run's number are enough to answer it. */
function standsBeside(node: FilterNode): boolean {
  if (isBranch(node)) return ("and" in node ? node.and : node.or).every(standsBeside);
  const key = keyOf("not" in node ? node.not : node);
  return key === CREATED_AT || KEPT.includes(key) || isAnnotation(key);
}

/** Rows of one grain that begin within `span`. */
export type Piece = { grain: RollupGrain; span: Span };
/** `pieces` and `edges` make up the span without overlap; `inner` is what the pieces are of, null when there are none. */
export type Cover = { pieces: Piece[]; inner: Span | null; edges: Span[] };

/** Grains from coarse to fine, with the length of what a row stands for, in milliseconds. */
export type Steps = readonly (readonly [RollupGrain, number])[];
export const ALL_STEPS: Steps = [["ever", Infinity], ["day", DAY_MS], ["hour", HOUR_MS]];
export const TRIGGER_STEPS: Steps = [["trigger", Infinity], ["trigger_day", DAY_MS]];
export const CREATOR_STEPS: Steps = [["creator", Infinity], ["creator_day", DAY_MS]];

/**
 * The fewest rows that make up `span`: whole days in the middle, whole hours beside them. What is left at both
 * ends, each shorter than the finest step, has to be asked of the runs themselves.
 */
export function coverSpan(span: Span, steps: Steps): Cover {
  if (!(span.from < span.to)) return { pieces: [], inner: null, edges: [] };
  const pieces: Piece[] = [];
  let inner: Span | null = null;
  const take = (grain: RollupGrain, from: number, to: number) => {
    if (from < to) pieces.push({ grain, span: { from, to } });
  };
  for (const [grain, stepMs] of steps) {
    const own = wholeSteps(span, stepMs);
    if (own === null) continue;
    take(grain, own.from, inner?.from ?? own.to);
    if (inner) take(grain, inner.to, own.to);
    inner = own;
  }
  if (inner === null) return { pieces, inner, edges: [span] };
  const edges = [{ from: span.from, to: inner.from }, { from: inner.to, to: span.to }];
  return { pieces, inner, edges: edges.filter(({ from, to }) => from < to) };
}

/** The whole steps within a span; null when there is none. A step without end fits into a span without bounds only. */
function wholeSteps({ from, to }: Span, stepMs: number): Span | null {
  if (stepMs === Infinity) return from === -Infinity && to === Infinity ? { from, to } : null;
  const whole = { from: Math.ceil(from / stepMs) * stepMs, to: Math.floor(to / stepMs) * stepMs };
  return whole.from < whole.to ? whole : null;
}
