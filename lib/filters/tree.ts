/** What a filter tree may hold, and how one is taken apart and put together. Isomorphic, and small: every page with a filter bar loads it. */
import type { FilterLeaf, FilterNode, FilterTree } from "./filter.ts";

/** Past these a filter is a mistake, and each leaf costs the database. Depth counts `and`, `or` and `not` above a predicate. */
export const MAX_DEPTH = 8;
export const MAX_LEAVES = 50;
export const MAX_TEXT_LENGTH = 1_000;
export const MAX_VALUES = 200;
/** Of the JSON as a whole, in characters: longer text is not even parsed. */
export const MAX_FILTER_LENGTH = 200_000;

/** A length of time: minutes, hours, days or weeks. */
export const SPAN = /^[1-9]\d{0,3}[mhdw]$/;
const SPAN_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
/** In milliseconds. @param span as `SPAN` has it */
export const spanMs = (span: string): number => Number.parseInt(span, 10) * (SPAN_MS[span.at(-1) as keyof typeof SPAN_MS] ?? 0);

/** What a predicate asks about. */
export const keyOf = (leaf: FilterLeaf): string => Object.values<{ key: string }>(leaf)[0]?.key ?? "";

/** What must hold together. */
export const nodesOf = (tree: FilterTree | null): FilterNode[] => (tree === null ? [] : "and" in tree ? tree.and : [tree]);

/** The tree that says all of these; none is none. @throws Error on an empty list */
export function treeOf(nodes: FilterNode[]): FilterTree {
  const [only] = nodes;
  if (!only) throw new Error("A filter of nothing");
  return nodes.length === 1 && "or" in only ? only : { and: nodes };
}
