/** The seed's run list at the edge: its parameters, its page tokens and its spelling. */
import { z } from "zod";
import { AppError, type Fault } from "#lib/errors";
import { findStatus, SEED_STATUS } from "#lib/filters/fields";
import { MAX_FILTER_LENGTH, nodesOf } from "#lib/filters/tree";
import { type FilterTree, parseFilterText } from "#lib/filters/filter";
import type { RunSort } from "#lib/runs/fields";
import { EVERY_RUN, type RunsFilter } from "#lib/runs/address";
import { findCursor } from "#lib/runs/filter";
import { isFinal, RUN_STATUSES, type RunStatus } from "#lib/runs/rules";
import type { RunRow } from "#lib/runs/sql/run-row";
import type { StatusCounts } from "#lib/stats/rules";

const DEFAULT_PAGE_SIZE = 10;
const MAX_PAGE_SIZE = 200;
const MAX_USER_LENGTH = 255;
const TOKEN_VERSION = 1;

/** The seed's spelling of an order. */
const SORTS: Record<string, RunSort> = { created_at: "created", started_at: "started", status: "status", items: "items" };

export type ListRequest = {
  list: RunsFilter;
  includeNames: boolean; includeStats: boolean; includeTotal: boolean;
  /** The token that goes on after `cursor`, with all that makes this list this list. */
  tokenAfter: (cursor: string) => string;
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
  const { list, source } = token ? parseToken(token) : listOf(params.get("filter_query"), params.get("filter"), params.get("sort") || "-created_at", params.getAll("status").filter(Boolean));
  return {
    list: { ...list, limit: pageSize },
    includeNames: flag("include_pipeline_names", false),
    includeStats: flag("include_execution_stats", false),
    includeTotal: flag("include_total", true),
    tokenAfter: (cursor) => Buffer.from(JSON.stringify([TOKEN_VERSION, ...source, cursor])).toString("base64url"),
  };
}

type Source = [filterQuery: string | null, legacy: string | null, sort: string, statuses: string[]];

function listOf(...source: Source): { list: RunsFilter; source: Source } {
  const [filterQuery, legacy, sort, words] = source;
  const filter = new URLSearchParams({ ...(filterQuery && { filter_query: filterQuery }), ...(legacy && { filter: legacy }) });
  const asked = sort.replace(/^-/, "");
  // Every object has a constructor and more such, which are no orders.
  const name = Object.hasOwn(SORTS, asked) ? SORTS[asked] : undefined;
  if (!name) throw refuse({ path: "sort", message: `is one of ${Object.keys(SORTS).join(", ")}, with - before it for falling` });
  const statuses = words.slice(0, RUN_STATUSES.length * 4).map((word) => {
    const status = findStatus(word);
    if (!status) throw refuse({ path: "status", message: `is one of ${Object.values(SEED_STATUS).join(", ")}` });
    return status;
  });
  const tree = parseListFilter(filter);
  return { list: { ...EVERY_RUN, tree: statuses.length > 0 ? withStatuses(tree, statuses) : tree, sort: name, dir: sort.startsWith("-") ? "desc" : "asc" }, source };
}

const withStatuses = (tree: FilterTree | null, statuses: RunStatus[]): FilterTree => ({
  and: [...nodesOf(tree), { value_in: { key: "system/pipeline_run.status", values: [...new Set(statuses)] } }],
});

const Text = z.string().max(MAX_FILTER_LENGTH).nullable();
const Token = z.tuple([z.literal(TOKEN_VERSION), Text, Text, z.string().max(50), z.array(z.string()).max(40), z.string()]);

function parseToken(token: string): ReturnType<typeof listOf> {
  const broken = refuse({ path: "page_token", message: "is broken: leave it out to begin at the first page" });
  if (token.length > 2 * MAX_FILTER_LENGTH || !/^[A-Za-z0-9_-]+$/.test(token)) throw broken;
  let found: ReturnType<typeof listOf>;
  try {
    const [, filterQuery, legacy, sort, statuses, cursor] = Token.parse(JSON.parse(Buffer.from(token, "base64url").toString()));
    found = listOf(filterQuery, legacy, sort, statuses);
    found.list = { ...found.list, cursor };
  } catch {
    throw broken;
  }
  if (findCursor(found.list) === null) throw broken;
  return found;
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
