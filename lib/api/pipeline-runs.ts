/** The seed's run list at the edge: its parameters, its page tokens and its spelling. */
import { z } from "zod";
import { AppError, type Fault } from "#lib/errors";
import { findStatus, SEED_STATUS } from "#lib/filters/fields";
import { type FilterTree, MAX_FILTER_LENGTH, parseFilterText } from "#lib/filters/filter";
import { type Edge, TREE_SORTS, type TreeSort } from "#lib/filters/queries";
import { isFinal, RUN_STATUSES, type RunStatus } from "#lib/runs/rules";
import type { RunRow } from "#lib/runs/sql/run-row";
import type { StatusCounts } from "#lib/stats/rules";

const DEFAULT_PAGE_SIZE = 10;
const MAX_PAGE_SIZE = 200;
const MAX_USER_LENGTH = 255;
const TOKEN_VERSION = 1;

export type ListRequest = {
  tree: FilterTree | null; statuses: RunStatus[]; sort: TreeSort; descending: boolean; after: Edge | null; pageSize: number;
  includeNames: boolean; includeStats: boolean; includeTotal: boolean;
  /** The token that goes on after `edge`, with all that makes this list this list. */
  tokenAfter: (edge: Edge) => string;
};

const refuse = (...faults: Fault[]): AppError => new AppError("MISMATCH", `${faults.map(({ path, message }) => `${path} ${message}`).join("; ")}.`, { faults });

/** Whoever a request says it asks for; `userOf` decides whether that counts. @throws AppError MISMATCH */
export function parseCurrentUser(params: URLSearchParams): string | null {
  const user = params.get("current_user");
  if (!user) return null;
  if (user.length > MAX_USER_LENGTH || user.includes("\0") || !user.isWellFormed()) throw refuse({ path: "current_user", message: `must be a name of at most ${MAX_USER_LENGTH} characters` });
  return user;
}

/** The tree of `filter_query`, or of the older `filter=created_by:name`. @throws AppError MISMATCH */
export function parseListFilter(params: URLSearchParams): FilterTree | null {
  const legacy = params.get("filter");
  const text = params.get("filter_query");
  if (legacy && text) throw refuse({ path: "filter", message: "cannot be used together with filter_query: leave one of them out" });
  return legacy ? parseLegacy(legacy) : parseFilterText(text);
}

function parseLegacy(text: string): FilterTree {
  const words = text.slice(0, 10_000).split(/\s+/).filter(Boolean);
  const nodes = words.map((word) => {
    const [, value] = /^created_by:(.*)$/s.exec(word) ?? [];
    if (value === undefined) throw refuse({ path: "filter", message: "knows created_by:name only; use filter_query for everything else" });
    if (value === "") throw refuse({ path: "filter", message: "wants a name after created_by:" });
    return { value_equals: { key: "system/pipeline_run.created_by", value } };
  });
  return parseFilterText(JSON.stringify({ and: nodes }), "filter") as FilterTree;
}

const PageSize = z.coerce.number().int().min(1).max(MAX_PAGE_SIZE);
const Flag = z.stringbool();

/** @throws AppError MISMATCH with the parameter that is at fault */
export function parseListRequest(params: URLSearchParams): ListRequest {
  const read = <T>(name: string, schema: z.ZodType<T>, usual: T, rule: string): T => {
    const text = params.get(name);
    if (text === null || text === "") return usual;
    const parsed = schema.safeParse(text);
    if (!parsed.success) throw refuse({ path: name, message: rule });
    return parsed.data;
  };
  const pageSize = read("page_size", PageSize, DEFAULT_PAGE_SIZE, `is a whole number, 1 to ${MAX_PAGE_SIZE}`);
  const flag = (name: string, usual: boolean) => read(name, Flag, usual, "is true or false");
  const token = params.get("page_token");
  // A token's list goes on, whatever else the request says: that is the seed's contract.
  const list = token ? parseToken(token) : listOf(params.get("filter_query"), params.get("filter"), params.get("sort") || "-created_at", params.getAll("status").filter(Boolean));
  const { source, after, ...rest } = list;
  return {
    ...rest,
    after,
    pageSize,
    includeNames: flag("include_pipeline_names", false),
    includeStats: flag("include_execution_stats", false),
    includeTotal: flag("include_total", true),
    tokenAfter: (edge) => Buffer.from(JSON.stringify([TOKEN_VERSION, ...source, edge.value, edge.id])).toString("base64url"),
  };
}

type Source = [filterQuery: string | null, legacy: string | null, sort: string, statuses: string[]];

function listOf(...source: Source) {
  const [filterQuery, legacy, sort, words] = source;
  const filter = new URLSearchParams({ ...(filterQuery && { filter_query: filterQuery }), ...(legacy && { filter: legacy }) });
  const name = TREE_SORTS.find((known) => known === sort.replace(/^-/, ""));
  if (!name) throw refuse({ path: "sort", message: `is one of ${TREE_SORTS.join(", ")}, with - before it for falling` });
  const statuses = words.slice(0, RUN_STATUSES.length * 4).map((word) => {
    const status = findStatus(word);
    if (!status) throw refuse({ path: "status", message: `is one of ${Object.values(SEED_STATUS).join(", ")}` });
    return status;
  });
  return { tree: parseListFilter(filter), statuses: [...new Set(statuses)], sort: name, descending: sort.startsWith("-"), after: null as Edge | null, source };
}

const Text = z.string().max(MAX_FILTER_LENGTH).nullable();
const Token = z.tuple([z.literal(TOKEN_VERSION), Text, Text, z.string().max(50), z.array(z.string()).max(40), z.union([z.string(), z.number()]), z.int().min(0)]);
const EDGE_VALUE: Record<TreeSort, z.ZodType<string | number>> = {
  created_at: z.iso.datetime({ precision: 3 }),
  started_at: z.union([z.literal("infinity"), z.iso.datetime({ precision: 3 })]),
  status: z.enum(RUN_STATUSES),
  items: z.int32(),
};

function parseToken(token: string): ReturnType<typeof listOf> {
  const broken = refuse({ path: "page_token", message: "is broken: leave it out to begin at the first page" });
  if (token.length > 2 * MAX_FILTER_LENGTH || !/^[A-Za-z0-9_-]+$/.test(token)) throw broken;
  let list: ReturnType<typeof listOf>;
  let edge: Edge;
  try {
    const [, filterQuery, legacy, sort, statuses, value, id] = Token.parse(JSON.parse(Buffer.from(token, "base64url").toString()));
    list = listOf(filterQuery, legacy, sort, statuses);
    edge = { value, id };
  } catch {
    throw broken;
  }
  if (!EDGE_VALUE[list.sort].safeParse(edge.value).success) throw broken;
  return { ...list, after: edge };
}

/** Counts in the seed's spelling; statuses that no run has are left out, as its `GROUP BY` would. */
export const printCounts = (counts: StatusCounts): Record<string, number> =>
  Object.fromEntries(RUN_STATUSES.flatMap((status) => (counts[status] ? [[SEED_STATUS[status], counts[status]]] : [])));

/** A run in the seed's words; what is null or was not asked for is left out. Its executions are our units, its root the run. */
export function printRun(run: RunRow, more: { annotations?: Record<string, string>; units?: StatusCounts; includeNames: boolean; includeStats: boolean }) {
  const ended = Object.entries(more.units ?? {}).reduce((sum, [status, count]) => sum + (isFinal(status as RunStatus) ? count : 0), 0);
  const total = Object.values(more.units ?? {}).reduce((sum, count) => sum + count, 0);
  return {
    id: String(run.id),
    root_execution_id: String(run.id),
    ...(more.annotations && { annotations: more.annotations }),
    ...(run.createdBy && { created_by: run.createdBy }),
    created_at: run.createdAt,
    ...(more.includeNames && { pipeline_name: `${run.pipeline}/${run.stage}` }),
    status: SEED_STATUS[run.status],
    ...(more.includeStats && {
      execution_status_stats: printCounts(more.units ?? {}),
      execution_summary: { total_executions: total, ended_executions: ended, has_ended: isFinal(run.status) },
    }),
  };
}
