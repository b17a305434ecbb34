/** What a list of error groups shows: one shape for the page's URL, the CLI's flags and the API. Isomorphic. */
import { z } from "zod";
import { parseCursor } from "#lib/table/read-cursor";
import { type Cursor, CURSOR_MAX_LENGTH, hashList } from "#lib/table/cursor";
import { ERROR_GROUP_SORTS, type ErrorGroupSort } from "./fields.ts";
import { ERROR_GROUP_STATUSES } from "./rules.ts";

/** `all` is every status; the plain list is what is open. */
export const ERROR_GROUP_VIEWS = [...ERROR_GROUP_STATUSES, "all"] as const;
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
const MAX_QUERY_LENGTH = 200;

const Name = z.string().regex(/^[a-z][a-z0-9-]{0,49}$/, { error: 'is no name: a-z, 0-9 and "-", a letter first, 50 at most' });
const Status = z.enum(ERROR_GROUP_VIEWS);
const Sort = z.enum(ERROR_GROUP_SORTS);
const Limit = z.coerce.number().int().min(1).max(MAX_LIMIT);

const Shape = z.object({
  status: Status.catch("open"),
  pipeline: Name.nullable().catch(null),
  stage: Name.nullable().catch(null),
  q: z.string().transform(tidyQuery).catch(""),
  sort: Sort.catch("last_seen"),
  cursor: z.string().nullable().catch(null),
  limit: Limit.catch(DEFAULT_LIMIT),
});
export type ErrorGroupsFilter = z.infer<typeof Shape>;

/** The filter, parsed. Total: every query string yields a value; what is not understood is left out. */
export const ErrorGroupsFilter = z
  .preprocess(normalise, Shape)
  .transform((filter): ErrorGroupsFilter => (filter.cursor !== null && findCursor(filter) === null ? { ...filter, cursor: null } : filter));

/** What programs may say. */
export const ErrorGroupsShape = z.strictObject({
  status: Status.default("open"),
  pipeline: Name.nullable().default(null),
  stage: Name.nullable().default(null),
  q: z.string().max(MAX_QUERY_LENGTH).refine((text) => !text.includes("\0"), { error: "must not hold NUL characters" }).transform(tidyQuery).default(""),
  sort: Sort.default("last_seen"),
  cursor: z.string().max(CURSOR_MAX_LENGTH).nullable().default(null),
  limit: Limit.default(DEFAULT_LIMIT),
});

/** The same for programs: what is not understood is refused, with its path. A cursor is checked by the list. */
export const ErrorGroupsRequest = z.preprocess(normalise, ErrorGroupsShape) satisfies z.ZodType<ErrorGroupsFilter>;

/** Inverse of `ErrorGroupsFilter.parse`. Defaults are left out, so the plain list is the empty query string. */
export function toSearchParams(filter: ErrorGroupsFilter): URLSearchParams {
  const params = new URLSearchParams();
  if (filter.status !== "open") params.set("status", filter.status);
  if (filter.pipeline) params.set("pipeline", filter.pipeline);
  if (filter.stage) params.set("stage", filter.stage);
  if (filter.q) params.set("q", filter.q);
  if (filter.sort !== "last_seen") params.set("sort", filter.sort);
  if (filter.cursor) params.set("cursor", filter.cursor);
  if (filter.limit !== DEFAULT_LIMIT) params.set("limit", String(filter.limit));
  return params;
}

/** Whether anything but the tab leaves groups out. */
export const isNarrowed = (filter: ErrorGroupsFilter): boolean => filter.pipeline !== null || filter.stage !== null || filter.q !== "";

/** The fingerprint that a cursor of this list carries. */
export const errorGroupsListHash = (filter: ErrorGroupsFilter): string => hashList(`errors?${toSearchParams({ ...filter, cursor: null, limit: DEFAULT_LIMIT })}`);

const SORT_VALUE: Record<ErrorGroupSort, z.ZodType<string | number>> = {
  last_seen: z.iso.datetime({ precision: 3 }),
  first_seen: z.iso.datetime({ precision: 3 }),
  count: z.int().min(0),
};

/** Where the page begins, or null when there is no cursor or it does not fit this filter. */
export function findCursor(filter: ErrorGroupsFilter): Cursor | null {
  const cursor = filter.cursor === null ? null : parseCursor(filter.cursor, errorGroupsListHash(filter));
  return cursor && SORT_VALUE[filter.sort].safeParse(cursor.value).success ? cursor : null;
}

/** The first of a repeated key; empty is the same as absent. */
function normalise(input: unknown): Record<string, unknown> {
  const given = input instanceof URLSearchParams ? [...new Set(input.keys())].map((key): [string, unknown] => [key, input.get(key)]) : Object.entries(typeof input === "object" && input !== null ? input : {});
  const first = given.map(([key, value]): [string, unknown] => [key, Array.isArray(value) ? value[0] : value]);
  return Object.fromEntries(first.filter(([, value]) => value !== "" && value !== undefined && value !== null));
}

/** Without NUL, which PostgreSQL refuses, and without halves of surrogate pairs, which no URL can carry. */
function tidyQuery(text: string): string {
  return text.slice(0, MAX_QUERY_LENGTH).replaceAll("\0", "").toWellFormed().trim();
}
