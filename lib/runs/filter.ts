/** What a list of runs shows: one filter and one order, for the page's address, the CLI's flags and the API. Isomorphic. */
import * as z from "zod/mini";
import { AppError, type Fault } from "#lib/errors";
import { isFilterParam } from "#lib/filters/address";
import { readFilterParams } from "#lib/filters/params";
import { RUN_SORTS, type RunSort } from "#lib/runs/fields";
import { RUN_STATUSES } from "#lib/runs/rules";
import { type Cursor, CURSOR_MAX_LENGTH } from "#lib/table/cursor";
import { parseCursor } from "#lib/table/read-cursor";
import { DEFAULT_LIMIT, DEFAULT_SORT, DIRECTIONS, MAX_LIMIT, type RunsFilter, runsListHash } from "./address.ts";

/** `sort=-items` is descending and `sort=items` ascending, unless `dir` says it apart. */
const Order = {
  sort: z.pipe(z.pipe(z.string().check(z.regex(/^-?[a-z]+$/)), z.transform((text: string) => text.replace("-", ""))), z.enum(RUN_SORTS)),
  dir: z.enum(DIRECTIONS),
  cursor: z.string().check(z.maxLength(CURSOR_MAX_LENGTH)),
  limit: z.coerce.number().check(z.int(), z.minimum(1), z.maximum(MAX_LIMIT)),
};
const RULES: Record<keyof typeof Order, string> = {
  sort: `is one of ${RUN_SORTS.join(", ")}, with - before it for falling`,
  dir: `is one of ${DIRECTIONS.join(", ")}`,
  cursor: "is no cursor of ours",
  limit: `is a whole number, 1 to ${MAX_LIMIT}`,
};

/**
 * The list that an address asks for, and what could not be read of it. Total: parts that are not understood are left out.
 * Takes URLSearchParams or the `searchParams` of a page. `toSearchParams` is its inverse.
 */
export function readRunsFilter(input: URLSearchParams | Record<string, string | string[] | undefined>): { filter: RunsFilter; faults: Fault[] } {
  const params = input instanceof URLSearchParams ? input : paramsOf(input);
  const { tree, faults } = readFilterParams(params);
  const read = <K extends keyof typeof Order>(name: K): z.output<(typeof Order)[K]> | null => {
    const text = params.get(name);
    if (!text) return null;
    const parsed = Order[name].safeParse(text);
    if (!parsed.success) faults.push({ path: name, message: RULES[name] });
    return (parsed.data as z.output<(typeof Order)[K]> | undefined) ?? null;
  };
  const sort = read("sort");
  const dir = read("dir") ?? (sort && !params.get("sort")?.startsWith("-") ? "asc" : "desc");
  const filter = { tree, sort: sort ?? DEFAULT_SORT, dir, cursor: read("cursor"), limit: read("limit") ?? DEFAULT_LIMIT };
  // A cursor is nobody's own words: one that does not fit goes without a fault.
  return { filter: filter.cursor !== null && findCursor(filter) === null ? { ...filter, cursor: null } : filter, faults };
}

const OWN_PARAMS = new Set(Object.keys(Order));

/**
 * The same for programs: what is not understood is refused with its path, unknown names too. A cursor is checked by the list.
 *
 * @param input an address's parameters, or a JSON body: the same names, lists for repeated ones, `filter` a tree
 * @param also names that belong to the caller
 * @throws AppError MISMATCH
 */
export function parseRunsRequest(input: URLSearchParams | Record<string, unknown>, also: readonly string[] = []): RunsFilter {
  const params = input instanceof URLSearchParams ? input : paramsOf(input);
  const { filter, faults } = readRunsFilter(params);
  for (const name of new Set(params.keys())) {
    if (!OWN_PARAMS.has(name) && !also.includes(name) && !isFilterParam(name)) faults.push({ path: name, message: "is no parameter of this list" });
  }
  if (faults.length > 0) throw new AppError("MISMATCH", `${faults.map(({ path, message }) => `${path} ${message}`).join("; ").slice(0, 2_000)}.`, { faults });
  return { ...filter, cursor: params.get("cursor") || null };
}

const Moment = z.union([z.literal("infinity"), z.iso.datetime({ precision: 3 })]);
const SORT_VALUE: Record<RunSort, z.ZodMiniType<string | number>> = {
  started: Moment,
  completed: Moment,
  created: z.iso.datetime({ precision: 3 }),
  stage: z.string().check(z.refine((text) => !text.includes("\0"))),
  status: z.enum(RUN_STATUSES),
  duration: z.int32(),
  items: z.int32(),
};

/** Where the page begins, or null when there is no cursor or it does not fit this filter. */
export function findCursor(filter: RunsFilter): Cursor | null {
  const cursor = filter.cursor === null ? null : parseCursor(filter.cursor, runsListHash(filter));
  return cursor && SORT_VALUE[filter.sort].safeParse(cursor.value).success ? cursor : null;
}

/** The same as an address has them: lists as repeated names, objects as JSON. */
export function paramsOf(input: Record<string, unknown>): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, given] of Object.entries(input)) {
    for (const value of Array.isArray(given) ? given : [given]) {
      if (value === undefined || value === null) continue;
      params.append(name, typeof value === "object" ? JSON.stringify(value) : String(value));
    }
  }
  return params;
}
