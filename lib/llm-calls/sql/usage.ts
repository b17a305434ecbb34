/** Usage, from the hours in which ended calls are added up: a few thousand rows, however many calls there were. */
import type { Ctx } from "#lib/ctx";
import { join, type Sql, sql } from "#lib/db/client";
import type { UsageBy } from "../fields.ts";

/** What is narrowed to; `from` inclusive, `to` exclusive, both as hours know them. */
export type UsageAsked = { from: Date; to: Date; pipeline?: string; stage?: string; model?: string; provider?: string; role?: string; template?: string };

/** Added up. Cost is of the `priced` calls: the others' is not known. */
export type UsageSums = {
  calls: number;
  failed: number;
  cancelled: number;
  priced: number;
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  costUsd: number;
  durationMs: number;
};

const SUMS = sql`
  coalesce(sum(u.calls), 0)::float8 as calls, coalesce(sum(u.failed), 0)::float8 as failed, coalesce(sum(u.cancelled), 0)::float8 as cancelled, coalesce(sum(u.priced), 0)::float8 as priced,
  coalesce(sum(u.input_tokens), 0)::float8 as "inputTokens", coalesce(sum(u.cached_tokens), 0)::float8 as "cachedTokens", coalesce(sum(u.output_tokens), 0)::float8 as "outputTokens",
  coalesce(sum(u.reasoning_tokens), 0)::float8 as "reasoningTokens", coalesce(sum(u.cost_usd), 0)::float8 as "costUsd", coalesce(sum(u.duration_ms), 0)::float8 as "durationMs"`;

const NARROWED = { pipeline: sql`u.pipeline`, stage: sql`u.stage`, model: sql`u.model`, provider: sql`u.provider`, role: sql`u.role`, template: sql`u.template` } satisfies Record<Exclude<keyof UsageAsked, "from" | "to">, Sql>;

function whereOf(asked: UsageAsked): Sql {
  const narrowed = (Object.keys(NARROWED) as (keyof typeof NARROWED)[]).flatMap((name) => (asked[name] === undefined ? [] : [sql`${NARROWED[name]} = ${asked[name]}`]));
  return join([sql`u.at >= ${asked.from.toISOString()}::timestamptz`, sql`u.at < ${asked.to.toISOString()}::timestamptz`, ...narrowed], " and ");
}

const KEYS: Record<UsageBy, Sql> = {
  model: sql`u.provider || '/' || u.model`,
  stage: sql`case when u.stage = '' then '' else u.pipeline || '/' || u.stage end`,
  role: sql`u.role`,
  provider: sql`u.provider`,
  template: sql`u.template`,
};

/** The whole. */
export async function sumUsage(ctx: Ctx, asked: UsageAsked): Promise<UsageSums> {
  const [sums] = await ctx.db.$queryRaw<UsageSums[]>`select ${SUMS} from llm_usage_hours u where ${whereOf(asked)}`;
  if (!sums) throw new Error("A sum without a row");
  return sums;
}

/** By one of its sides, the dearest first; `key` is empty for calls without one. 200 at most. */
export async function groupUsage(ctx: Ctx, asked: UsageAsked, by: UsageBy): Promise<(UsageSums & { key: string; lastAt: Date })[]> {
  return ctx.db.$queryRaw<(UsageSums & { key: string; lastAt: Date })[]>`
    select ${KEYS[by]} as key, max(u.last_at) as "lastAt", ${SUMS}
      from llm_usage_hours u
     where ${whereOf(asked)}
     group by 1
    having sum(u.calls) <> 0
     order by sum(u.cost_usd) desc, sum(u.calls) desc, 1
     limit 200`;
}

/** By day or hour (UTC) and one side; times without calls are left out. */
export async function usageSeries(ctx: Ctx, asked: UsageAsked, step: "day" | "hour", by: UsageBy): Promise<(UsageSums & { at: Date; key: string })[]> {
  return ctx.db.$queryRaw<(UsageSums & { at: Date; key: string })[]>`
    select date_trunc(${step}, u.at, 'UTC') as at, ${KEYS[by]} as key, ${SUMS}
      from llm_usage_hours u
     where ${whereOf(asked)}
     group by 1, 2
    having sum(u.calls) <> 0
     order by 1, 2
     limit 20000`;
}

/** Of each template that was ever asked with, each version: how often, at what cost, and when last. */
export async function listTemplateUsage(ctx: Ctx): Promise<(Pick<UsageSums, "calls" | "failed" | "costUsd"> & { template: string; version: string; lastAt: Date })[]> {
  return ctx.db.$queryRaw<(Pick<UsageSums, "calls" | "failed" | "costUsd"> & { template: string; version: string; lastAt: Date })[]>`
    select u.template, u.template_version as version, sum(u.calls)::float8 as calls, sum(u.failed)::float8 as failed, sum(u.cost_usd)::float8 as "costUsd", max(u.last_at) as "lastAt"
      from llm_usage_hours u
     where u.template <> ''
     group by 1, 2
    having sum(u.calls) <> 0
     order by 1, max(u.last_at) desc
     limit 1000`;
}
