/** A list of runs as its address says it: one filter and one order. Isomorphic, and small: every page with a link to a list loads it. */
import { printFilterParams } from "#lib/filters/address";
import type { FilterTree } from "#lib/filters/filter";
import { hashList, printCursor } from "#lib/table/cursor";
import type { RunSort } from "./fields.ts";

export const DIRECTIONS = ["asc", "desc"] as const;
export const DEFAULT_SORT: RunSort = "started";
export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 500;

export type RunsFilter = {
  /** Null: every run. */
  tree: FilterTree | null;
  sort: RunSort;
  dir: (typeof DIRECTIONS)[number];
  cursor: string | null;
  limit: number;
};
export const EVERY_RUN: RunsFilter = { tree: null, sort: DEFAULT_SORT, dir: "desc", cursor: null, limit: DEFAULT_LIMIT };

/** Inverse of `readRunsFilter`. Defaults are left out, so the plain list is the empty query string. */
export function toSearchParams(filter: RunsFilter): URLSearchParams {
  const params = printFilterParams(filter.tree);
  if (filter.sort !== DEFAULT_SORT || filter.dir !== "desc") params.set("sort", filter.dir === "desc" ? `-${filter.sort}` : filter.sort);
  if (filter.cursor) params.set("cursor", filter.cursor);
  if (filter.limit !== DEFAULT_LIMIT) params.set("limit", String(filter.limit));
  return params;
}

/** The fingerprint that a cursor of this list carries. */
export const runsListHash = (filter: RunsFilter): string =>
  hashList(toSearchParams({ ...filter, cursor: null, limit: DEFAULT_LIMIT }).toString());

/** The list from an instant on, in an order by time: what was before it in that order is a page back. */
export function startingAt(filter: RunsFilter, at: Date): RunsFilter {
  const id = filter.dir === "desc" ? Number.MAX_SAFE_INTEGER : 0;
  return { ...filter, cursor: printCursor({ side: "after", value: at.toISOString(), id, listHash: runsListHash(filter) }) };
}
