/** What a list of model calls shows: one filter and one order, for the page's address, the CLI's flags and the API. Isomorphic. */
import * as z from "zod/mini";
import { AppError, type Fault } from "#lib/errors";
import { isFilterParam } from "#lib/filters/address";
import { readFilterParams } from "#lib/filters/params";
import { type Cursor, CURSOR_MAX_LENGTH } from "#lib/table/cursor";
import { parseCursor } from "#lib/table/read-cursor";
import { type CallsFilter, callsListHash, DEFAULT_LIMIT, MAX_CALLS } from "./address.ts";
import { CALL_SORTS, type CallSort } from "./fields.ts";

const Order = {
  sort: z.pipe(z.pipe(z.string().check(z.regex(/^-?[a-z]+$/)), z.transform((text: string) => text.replace("-", ""))), z.enum(CALL_SORTS)),
  cursor: z.string().check(z.maxLength(CURSOR_MAX_LENGTH)),
  limit: z.coerce.number().check(z.int(), z.minimum(1), z.maximum(MAX_CALLS)),
};
const RULES: Record<keyof typeof Order, string> = {
  sort: `is one of ${CALL_SORTS.join(", ")}, with - before it for falling`,
  cursor: "is no cursor of ours",
  limit: `is a whole number, 1 to ${MAX_CALLS}`,
};

/** The list that an address asks for, and what could not be read of it. Total; `toSearchParams` is its inverse. */
export function readCallsFilter(params: URLSearchParams): { filter: CallsFilter; faults: Fault[] } {
  const { tree, faults } = readFilterParams(params, "call");
  const read = <K extends keyof typeof Order>(name: K): z.output<(typeof Order)[K]> | null => {
    const text = params.get(name);
    if (!text) return null;
    const parsed = Order[name].safeParse(text);
    if (!parsed.success) faults.push({ path: name, message: RULES[name] });
    return (parsed.data as z.output<(typeof Order)[K]> | undefined) ?? null;
  };
  const sort = read("sort");
  const filter: CallsFilter = { tree, sort: sort ?? "created", dir: sort && !params.get("sort")?.startsWith("-") ? "asc" : "desc", cursor: read("cursor"), limit: read("limit") ?? DEFAULT_LIMIT };
  return { filter: filter.cursor !== null && findCursor(filter) === null ? { ...filter, cursor: null } : filter, faults };
}

/**
 * The same for programs, which shall hear of every mistake.
 *
 * @param also parameters that are somebody else's
 * @throws AppError MISMATCH that names each fault
 */
export function parseCallsRequest(params: URLSearchParams, also: readonly string[] = []): CallsFilter {
  const { filter, faults } = readCallsFilter(params);
  for (const name of new Set(params.keys())) {
    if (!Object.hasOwn(Order, name) && !also.includes(name) && !isFilterParam(name, "call")) faults.push({ path: name, message: "is no parameter of this list" });
  }
  if (faults.length > 0) throw new AppError("MISMATCH", `${faults.map(({ path, message }) => `${path} ${message}`).join("; ").slice(0, 2_000)}.`, { faults });
  return { ...filter, cursor: params.get("cursor") || null };
}

const SORT_VALUE: Record<CallSort, z.ZodMiniType<string | number>> = {
  created: z.iso.datetime({ precision: 3 }),
  cost: z.string().check(z.regex(/^-?\d{1,4}(\.\d{1,8})?$/)),
  tokens: z.int32(),
  duration: z.int32(),
};

/** Where the page begins, or null when there is no cursor or it does not fit this filter. */
export function findCursor(filter: CallsFilter): Cursor | null {
  const cursor = filter.cursor === null ? null : parseCursor(filter.cursor, callsListHash(filter));
  return cursor && SORT_VALUE[filter.sort].safeParse(cursor.value).success ? cursor : null;
}
