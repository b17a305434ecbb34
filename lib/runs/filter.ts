/** What a list of runs shows: one shape for the page's URL, the CLI's flags and the API. Isomorphic. */
import { z } from "zod";
import { RUN_SORTS, type RunSort } from "#lib/runs/fields";
import { RUN_STATUSES } from "#lib/runs/rules";
import { type Cursor, CURSOR_MAX_LENGTH, hashList, parseCursor } from "#lib/table/cursor";

const DIRECTIONS = ["asc", "desc"] as const;
const DEFAULT_SORT: RunSort = "started";
const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 200;
/** More words than this are a mistake, and each costs the database. */
const MAX_QUERY_LENGTH = 200;
const MAX_LIST_LENGTH = 50;

const Name = z.string().regex(/^[a-z][a-z0-9-]{0,49}$/, { error: "is no name: a-z, 0-9 and \"-\", a letter first, 50 at most" });
const Limit = z.coerce.number().int().min(1).max(MAX_LIMIT);
const Sort = z.enum(RUN_SORTS);
const Direction = z.enum(DIRECTIONS);
const Status = z.enum(RUN_STATUSES);

const Shape = z.object({
  status: knownOnly(Status),
  pipeline: knownOnly(Name),
  stage: knownOnly(Name),
  q: z.string().transform(tidyQuery).catch(""),
  sort: Sort.catch(DEFAULT_SORT),
  dir: Direction.catch("desc"),
  cursor: z.string().nullable().catch(null),
  limit: Limit.catch(DEFAULT_LIMIT),
});
export type RunsFilter = z.infer<typeof Shape>;

/**
 * The filter, parsed. Total: every query string yields a value, none throws; what is not understood is left out.
 * Takes URLSearchParams, the `searchParams` of a page, or an object of its own shape.
 */
export const RunsFilter = z
  .preprocess(normalise, Shape)
  .transform((filter): RunsFilter => (filter.cursor !== null && findCursor(filter) === null ? { ...filter, cursor: null } : filter));

/** The same filter for programs: what is not understood is refused, with its path. A cursor is checked by the list. */
export const RunsRequest = z.preprocess(
  normalise,
  z.strictObject({
    status: z.array(Status).max(MAX_LIST_LENGTH),
    pipeline: z.array(Name).max(MAX_LIST_LENGTH),
    stage: z.array(Name).max(MAX_LIST_LENGTH),
    q: z.string().max(MAX_QUERY_LENGTH).refine((text) => !text.includes("\0"), { error: "must not hold NUL characters" }).transform(tidyQuery).default(""),
    sort: Sort.default(DEFAULT_SORT),
    dir: Direction.default("desc"),
    cursor: z.string().max(CURSOR_MAX_LENGTH).nullable().default(null),
    limit: Limit.default(DEFAULT_LIMIT),
  }),
) satisfies z.ZodType<RunsFilter>;

/** Inverse of `RunsFilter.parse`. Defaults are left out, so the plain list is the empty query string. */
export function toSearchParams(filter: RunsFilter): URLSearchParams {
  const params = new URLSearchParams();
  for (const key of ["status", "pipeline", "stage"] as const) for (const value of filter[key]) params.append(key, value);
  if (filter.q) params.set("q", filter.q);
  if (filter.sort !== DEFAULT_SORT || filter.dir !== "desc") params.set("sort", filter.dir === "desc" ? `-${filter.sort}` : filter.sort);
  if (filter.cursor) params.set("cursor", filter.cursor);
  if (filter.limit !== DEFAULT_LIMIT) params.set("limit", String(filter.limit));
  return params;
}

/** Whether the filter leaves anything out: an empty list is then "nothing found", otherwise "nothing yet". */
export const isNarrowed = (filter: RunsFilter): boolean =>
  filter.status.length + filter.pipeline.length + filter.stage.length > 0 || filter.q !== "";

/** The fingerprint that a cursor of this list carries. */
export const runsListHash = (filter: RunsFilter): string =>
  hashList(toSearchParams({ ...filter, cursor: null, limit: DEFAULT_LIMIT }).toString());

const SORT_VALUE: Record<RunSort, z.ZodType<string | number>> = {
  started: z.union([z.literal("infinity"), z.iso.datetime({ precision: 3 })]),
  stage: z.string().refine((text) => !text.includes("\0")),
  status: Status,
  items: z.int32(),
};

/** Where the page begins, or null when there is no cursor or it does not fit this filter. */
export function findCursor(filter: RunsFilter): Cursor | null {
  const cursor = filter.cursor === null ? null : parseCursor(filter.cursor, runsListHash(filter));
  return cursor && SORT_VALUE[filter.sort].safeParse(cursor.value).success ? cursor : null;
}

function normalise(input: unknown): Record<string, unknown> {
  const given: Record<string, unknown> =
    input instanceof URLSearchParams
      ? Object.fromEntries([...new Set(input.keys())].map((key) => [key, input.getAll(key)]))
      : typeof input === "object" && input !== null
        ? { ...input }
        : {};
  const { status, pipeline, stage, q, sort, dir, cursor, limit, ...unknown } = given;
  return {
    ...unknown,
    status: many(status),
    pipeline: many(pipeline),
    stage: many(stage),
    q: one(q),
    cursor: one(cursor),
    limit: one(limit),
    ...order(one(sort), one(dir)),
  };
}

/** `sort=-items` is descending and `sort=items` ascending, unless `dir` says it apart. */
function order(sort: unknown, dir: unknown): { sort: unknown; dir: unknown } {
  if (typeof sort !== "string") return { sort, dir };
  return sort.startsWith("-") ? { sort: sort.slice(1), dir: dir ?? "desc" } : { sort, dir: dir ?? "asc" };
}

/** The first of a repeated key; empty is the same as absent. */
function one(value: unknown): unknown {
  const first = Array.isArray(value) ? value[0] : value;
  return first === "" ? undefined : first;
}

function many(value: unknown): unknown[] {
  const list = value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
  return [...new Set(list)].filter((member) => member !== "");
}

function knownOnly<T extends string>(member: z.ZodType<T>) {
  return z.array(z.unknown()).transform((list) => list.flatMap((value) => member.safeParse(value).data ?? []).slice(0, MAX_LIST_LENGTH));
}

/** Without NUL, which PostgreSQL refuses, and without halves of surrogate pairs, which no URL can carry. */
function tidyQuery(text: string): string {
  return text.slice(0, MAX_QUERY_LENGTH).replaceAll("\0", "").replace(/[\uD800-\uDFFF]/gu, "\uFFFD").trim();
}
