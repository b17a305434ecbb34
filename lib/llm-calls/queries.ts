import { allow, isHidden } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { empty, join, KEPT, type Sql, sql } from "#lib/db/client";
import type { Json } from "#lib/engine/define";
import { AppError } from "#lib/errors";
import type { Facets } from "#lib/facets/queries";
import { MAX_FACETS, SAMPLE } from "#lib/facets/fields";
import { ask } from "#lib/filters/edit";
import type { CallKey } from "#lib/filters/fields";
import type { FilterTree } from "#lib/filters/filter";
import { formatUsd } from "#lib/format/number";
import { hasPrice } from "#lib/llm-prices/queries";
import { type RunCount, statsCacheOf } from "#lib/stats/queries";
import { type Order, type Page, readPage } from "#lib/table/read-page";
import { CALL_FACETS, type CallFacet, type CallSort } from "./fields.ts";
import { type CallsFilter, callsListHash } from "./address.ts";
import { findCursor } from "./filter.ts";
import { CALL_ROW, type CallRow, type StoredCallRow, toCallRow } from "./sql/call-row.ts";
import { callCondition } from "./sql/condition.ts";

export type { CallRow };

const ORDERS: Record<CallSort, Order<CallRow>> = {
  created: { key: sql`c.created_at`, bound: (value) => sql`${value}::timestamptz`, value: (row) => row.createdAt.toISOString() },
  cost: { key: sql`coalesce(c.cost_usd, -1)`, bound: (value) => sql`${value}::numeric`, value: (row) => (row.costUsd === null ? "-1" : row.costUsd.toFixed(8)) },
  tokens: { key: sql`coalesce(c.total_tokens, -1)`, bound: (value) => sql`${value}::int`, value: (row) => row.totalTokens ?? -1 },
  duration: { key: sql`coalesce(c.duration_ms, -1)`, bound: (value) => sql`${value}::int`, value: (row) => row.durationMs ?? -1 },
};

/**
 * Calls that match `filter`, `filter.limit` at most, in its order; the id breaks ties, so no call is seen twice.
 * One index range scan for each order (migration llm_audit); nothing is counted and nothing skipped over.
 *
 * @throws AppError INVALID when the cursor is broken or belongs to another filter.
 */
export async function listCalls(ctx: Ctx, filter: CallsFilter): Promise<Page<CallRow>> {
  allow(ctx, "runs.read");
  return readPage<StoredCallRow, CallRow>({
    db: ctx.db,
    select: sql`select ${CALL_ROW} from llm_calls c`,
    id: sql`c.id`,
    order: ORDERS[filter.sort],
    descending: filter.dir === "desc",
    conditions: filter.tree ? [callCondition(filter.tree)] : [],
    limit: filter.limit,
    given: filter.cursor,
    cursor: findCursor(filter),
    listHash: callsListHash(filter),
    toRow: toCallRow,
  });
}

const EXPORT_ROWS = 400;

/** Every call that matches, in order, a batch at a time; those made after the first question are left out, so each is there once. */
export async function* readCalls(ctx: Ctx, filter: Pick<CallsFilter, "tree" | "sort" | "dir">, signal?: AbortSignal): AsyncGenerator<CallRow[]> {
  allow(ctx, "runs.export");
  const [edge] = await ctx.db.$queryRaw<{ id: bigint | null }[]>`select max(id) as id from llm_calls`;
  const lastId = Number(edge?.id ?? 0);
  let cursor: string | null = null;
  do {
    signal?.throwIfAborted();
    const page: Awaited<ReturnType<typeof listCalls>> = await listCalls(ctx, { ...filter, cursor, limit: EXPORT_ROWS });
    const rows = page.rows.filter(({ id }) => id <= lastId);
    if (rows.length > 0) yield rows;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

/** A page by its place, for programs of the seeds: the newest first, `offset` of them passed over. */
export async function listCallsAt(ctx: Ctx, { tree, limit }: Pick<CallsFilter, "tree" | "limit">, offset: number): Promise<CallRow[]> {
  allow(ctx, "runs.read");
  const found = await ctx.db.$queryRaw<StoredCallRow[]>`
    select ${CALL_ROW}
      from (select c.id from llm_calls c ${tree ? sql`where ${callCondition(tree)}` : empty} order by c.created_at desc, c.id desc limit ${limit}::int offset ${offset}::int) page
      join llm_calls c on c.id = page.id
     order by c.created_at desc, c.id desc`;
  return found.map(toCallRow);
}

/** The calls of a run in the order in which they were made, 500 at most at a time. */
export async function listRunCalls(ctx: Ctx, runId: number, { after = 0, limit = 500 }: { after?: number; limit?: number } = {}): Promise<{ rows: CallRow[]; next: number | null }> {
  allow(ctx, "runs.read");
  const found = await ctx.db.$queryRaw<StoredCallRow[]>`${KEPT}
    select ${CALL_ROW} from llm_calls c where c.run_id = ${runId}::bigint and c.id > ${after}::bigint order by c.id limit ${limit + 1}::int`;
  const rows = found.slice(0, limit).map(toCallRow);
  return { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : null };
}

/** The calls that were made in a step, 100 at most. */
export async function listStepCalls(ctx: Ctx, runId: number, stepSeq: number): Promise<CallRow[]> {
  allow(ctx, "runs.read");
  const found = await ctx.db.$queryRaw<StoredCallRow[]>`
    select ${CALL_ROW}
      from run_steps own
      join llm_calls c on c.pipeline_step_id = own.id
     where own.run_id = ${runId}::bigint and own.seq = ${stepSeq}::int
     order by c.id
     limit 100`;
  return found.map(toCallRow);
}

/** How many calls a run has made, and what the priced ones of them have cost. From one index. */
export async function sumRunCalls(ctx: Ctx, runId: number): Promise<{ calls: number; priced: number; costUsd: number }> {
  allow(ctx, "runs.read");
  const [sums] = await ctx.db.$queryRaw<{ calls: number; priced: number; costUsd: number }[]>`
    select count(*)::int as calls, count(c.cost_usd)::int as priced, coalesce(sum(c.cost_usd), 0)::float8 as "costUsd" from llm_calls c where c.run_id = ${runId}::bigint`;
  return sums ?? { calls: 0, priced: 0, costUsd: 0 };
}

/** Another call that this one can be compared with. */
export type CallLink = { id: number; createdAt: Date; subject: string | null; attempt: number; status: CallRow["status"] };

export type CallDetail = CallRow & {
  /** The texts are not for this reader, and null. */
  hidden: boolean;
  /** All texts with their secrets masked; null when they were never there, or retention has removed them. */
  systemPrompt: string | null;
  prompt: string | null;
  responseRaw: string | null;
  responseParsed: Json;
  finishReason: string | null;
  stepName: string | null;
  /** What it was reckoned with, in US dollars per million tokens; null when there was no price. */
  price: { id: number; inputUsd: number; cachedUsd: number | null; outputUsd: number; validFrom: Date } | null;
  /** The newest other calls of the same template (of the same role where there is none). */
  alike: CallLink[];
};

/**
 * One call with everything.
 *
 * @throws AppError NOT_FOUND when no call has this id.
 */
export async function getCall(ctx: Ctx, callId: number): Promise<CallDetail> {
  allow(ctx, "runs.read");
  const [found] = await ctx.db.$queryRaw<(StoredCallRow & Omit<CallDetail, keyof CallRow | "price" | "alike" | "hidden"> & { fullError: string | null; price: CallDetail["price"] | null })[]>`
    select ${CALL_ROW}, c.system_prompt as "systemPrompt", c.prompt, c.response_raw as "responseRaw", c.response_parsed as "responseParsed", c.finish_reason as "finishReason", c.error as "fullError",
           (select s.step_name from run_steps s where s.id = c.pipeline_step_id) as "stepName",
           (select json_build_object('id', p.id, 'inputUsd', p.input_usd, 'cachedUsd', p.cached_usd, 'outputUsd', p.output_usd, 'validFrom', p.valid_from) from llm_prices p where p.id = c.price_id) as price
      from llm_calls c
     where c.id = ${callId}::bigint`;
  if (!found) throw new AppError("NOT_FOUND", `No LLM call #${callId}.`);
  const { fullError, price, ...rest } = found;
  const row = toCallRow(rest);
  const same = row.template === null ? sql`c.template is null and c.role = ${row.role}` : sql`c.template = ${row.template}`;
  const alike = await ctx.db.$queryRaw<(Omit<CallLink, "id"> & { id: bigint })[]>`
    select c.id, c.created_at as "createdAt", left(c.subject, 200) as subject, c.attempt, c.status
      from llm_calls c
     where ${same} and c.id <> ${callId}::bigint and c.created_at <= ${row.createdAt.toISOString()}::timestamptz
     order by c.created_at desc, c.id desc
     limit 20`;
  const hidden = isHidden(ctx);
  return { ...rest, ...row, hidden, ...(hidden && NO_TEXTS), error: fullError, price: price && { ...price, validFrom: new Date(price.validFrom) }, alike: alike.map((link) => ({ ...link, id: Number(link.id) })) };
}

const NO_TEXTS = { systemPrompt: null, prompt: null, responseRaw: null, responseParsed: null };

/** Counted so far; past it "more than" is all that one wants to know. */
const COUNT_BOUND = 100_000;

/** How many calls match, at most 45 s old. One scan of as many as are counted. */
export async function countCalls(ctx: Ctx, tree: FilterTree | null): Promise<RunCount> {
  allow(ctx, "runs.read");
  return statsCacheOf(ctx).get(`calls:${JSON.stringify(tree)}`, performance.now(), async () => {
    const [counted] = await ctx.db.$queryRaw<{ n: bigint; at: Date }[]>`
      select count(*) as n, statement_timestamp() as at from (select 1 from llm_calls c ${tree ? sql`where ${callCondition(tree)}` : empty} limit ${COUNT_BOUND + 1}::int) s`;
    const value = Number(counted?.n ?? 0);
    return { value: Math.min(value, COUNT_BOUND), kind: value > COUNT_BOUND ? ("atLeast" as const) : ("exact" as const), asOf: counted?.at ?? new Date() };
  });
}

const FACET_COLUMNS: Record<CallFacet, { column: Sql; key: CallKey }> = {
  status: { column: sql`c.status`, key: "system/llm_call.status" },
  stage: { column: sql`c.stage`, key: "system/llm_call.stage" },
  pipeline: { column: sql`c.pipeline`, key: "system/llm_call.pipeline" },
  role: { column: sql`c.role`, key: "system/llm_call.role" },
  subject: { column: sql`c.subject`, key: "system/llm_call.subject" },
  template: { column: sql`c.template`, key: "system/llm_call.template" },
  model: { column: sql`c.model`, key: "system/llm_call.model" },
  provider: { column: sql`c.provider`, key: "system/llm_call.provider" },
};

/**
 * The values that a field has among the newest calls that match everything else that is asked, the most frequent first. At most 45 s old.
 *
 * @throws AppError INVALID for a field without facets
 */
export async function getCallFacets(ctx: Ctx, { tree, field }: { tree: FilterTree | null; field: string }): Promise<Facets> {
  allow(ctx, "runs.read");
  const known = CALL_FACETS.find((name) => name === field);
  if (!known) throw new AppError("INVALID", `There are no facets of ${field.slice(0, 50)}; there are of ${CALL_FACETS.join(", ")}.`, { faults: [{ path: "field", message: "has no facets" }] });
  const { column, key } = FACET_COLUMNS[known];
  const others = ask(tree, key, null);
  return statsCacheOf(ctx).get(`call-facets:${known}:${JSON.stringify(others)}`, performance.now(), async () => {
    const rows = await ctx.db.$queryRaw<{ value: string | null; count: bigint; looked: bigint; at: Date }[]>`
      with newest as materialized (
        select ${column}::text as value from llm_calls c ${others ? sql`where ${callCondition(others)}` : empty} order by c.created_at desc, c.id desc limit ${SAMPLE + 1}::int
      )
      select value, count(*) as count, (select count(*) from newest) as looked, statement_timestamp() as at
        from newest group by value order by 2 desc, 1 limit ${MAX_FACETS}::int`;
    return {
      values: rows.flatMap(({ value, count }) => (value ? [{ value, count: Number(count) }] : [])),
      ofNewest: Number(rows[0]?.looked ?? 0) > SAMPLE ? SAMPLE : null,
      asOf: rows[0]?.at ?? new Date(),
    };
  });
}

export type BudgetAsked = { runId: number; pipeline: string; stage: string; provider: string; model: string; /** In US dollars. */ perRunUsd?: number; perDayUsd?: number };

/**
 * Why no further call may be made, in a sentence; null while there is something left. Calls that are under way are not counted:
 * a budget may be overshot by what those cost, one per lane at most.
 *
 * A model without a price has no cost that could be held against a budget, so it is refused rather than let through.
 * Two index-only sums: of the run's calls, and of the stage's hours of today.
 */
export async function findSpentBudget(ctx: Ctx, { runId, pipeline, stage, provider, model, perRunUsd, perDayUsd }: BudgetAsked): Promise<string | null> {
  const name = `${pipeline}/${stage}`;
  if (!(await hasPrice(ctx, model, provider))) {
    return `${name} has a budget, and ${model} has no price to hold against it. Enter one with ./penstock llm price ${model} --input … --output … (0 when it is free).`;
  }
  const [spent] = await ctx.db.$queryRaw<{ run: number; day: number }[]>`
    select ${perRunUsd === undefined ? sql`0::float8` : sql`(select coalesce(sum(c.cost_usd), 0)::float8 from llm_calls c where c.run_id = ${runId}::bigint)`} as run,
           ${perDayUsd === undefined ? sql`0::float8` : sql`(select coalesce(sum(u.cost_usd), 0)::float8 from llm_usage_hours u where u.at >= date_trunc('day', now(), 'UTC') and u.pipeline = ${pipeline} and u.stage = ${stage})`} as day`;
  const { run = 0, day = 0 } = spent ?? {};
  if (perRunUsd !== undefined && run >= perRunUsd) {
    return `The budget of ${name} is spent: its model calls have cost ${formatUsd(run)} in this run, of ${formatUsd(perRunUsd)}. Raise it, then retry what is left.`;
  }
  if (perDayUsd !== undefined && day >= perDayUsd) {
    return `The budget of ${name} is spent: its model calls have cost ${formatUsd(day)} today (UTC), of ${formatUsd(perDayUsd)}. Raise it or wait until midnight UTC, then retry what is left.`;
  }
  return null;
}
