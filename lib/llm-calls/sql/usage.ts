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

export type UsageCell = UsageSums & { key: string; lastAt: Date };
/** Of a time: the whole, each group, and each group by day or hour; what holds no call is left out. */
export type UsageCube = { total: UsageSums; groups: UsageCell[]; cells: (UsageCell & { at: Date })[] };

/** All three in one pass over the hours. `key` is empty for calls without one. Days and hours are those of UTC. */
export async function readUsage(ctx: Ctx, asked: UsageAsked, step: "day" | "hour", by: UsageBy): Promise<UsageCube> {
  const rows = await ctx.db.$queryRaw<(UsageCell & { at: Date | null; ofAll: number; ofKey: number })[]>`
    select u.step as at, u.key, grouping(u.step) as "ofKey", grouping(u.key) as "ofAll", max(u.last_at) as "lastAt", ${SUMS}
      from (select date_trunc(${step}, u.at, 'UTC') as step, ${KEYS[by]} as key, u.* from llm_usage_hours u where ${whereOf(asked)}) u
     group by grouping sets ((u.step, u.key), (u.key), ())`;
  const cube: UsageCube = { total: NO_USAGE, groups: [], cells: [] };
  for (const { at, ofAll, ofKey, key, lastAt, ...sums } of rows) {
    if (ofAll) cube.total = sums;
    else if (sums.calls === 0) continue;
    else if (ofKey || at === null) cube.groups.push({ key, lastAt, ...sums });
    else cube.cells.push({ at, key, lastAt, ...sums });
  }
  return cube;
}

export const NO_USAGE: UsageSums = { calls: 0, failed: 0, cancelled: 0, priced: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0, costUsd: 0, durationMs: 0 };

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
