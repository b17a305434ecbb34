/** A list of model calls as its address says it: one filter and one order. Isomorphic, and small. */
import { printFilterParams } from "#lib/filters/address";
import type { FilterTree } from "#lib/filters/filter";
import { hashList } from "#lib/table/cursor";
import type { CallSort } from "./fields.ts";

export const DEFAULT_LIMIT = 50;
export const MAX_CALLS = 500;

export type CallsFilter = { /** Null: every call. */ tree: FilterTree | null; sort: CallSort; dir: "asc" | "desc"; cursor: string | null; limit: number };
export const EVERY_CALL: CallsFilter = { tree: null, sort: "created", dir: "desc", cursor: null, limit: DEFAULT_LIMIT };

export function toSearchParams(filter: CallsFilter): URLSearchParams {
  const params = printFilterParams(filter.tree);
  if (filter.sort !== "created" || filter.dir !== "desc") params.set("sort", filter.dir === "desc" ? `-${filter.sort}` : filter.sort);
  if (filter.cursor) params.set("cursor", filter.cursor);
  if (filter.limit !== DEFAULT_LIMIT) params.set("limit", String(filter.limit));
  return params;
}

/** The fingerprint that a cursor of this list carries. */
export const callsListHash = (filter: CallsFilter): string => hashList(`calls?${toSearchParams({ ...filter, cursor: null, limit: DEFAULT_LIMIT })}`);
