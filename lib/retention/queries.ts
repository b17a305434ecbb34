import { allow } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { inTransaction } from "#lib/ctx";
import { type Sql, sql } from "#lib/db/client";
import type { RunStatus } from "#lib/db/generated/enums";
import type { Cutoffs } from "./rules.ts";
import { isDue, type Pass } from "./sql/due.ts";

/** Counting is a person's own wish, once: it may take longer than a page. In milliseconds. */
const PLAN_TIMEOUT_MS = 25_000;
/** Runs whose stored size is looked at for the estimate. */
const SAMPLE = 500;

export type PrunePlanGroup = { pipeline: string; status: RunStatus; runs: number };
export type PrunePlanPart = { groups: PrunePlanGroup[]; runs: number; /** As stored, by a sample; indexes come on top. */ estimatedBytes: number };
/** What a prune would do now. Pinned runs that are old enough are told, and left alone. */
export type PrunePlan = { cutoffs: Cutoffs; delete: PrunePlanPart; strip: PrunePlanPart; pinnedKept: number };

/** Counts what `prune` would take, by pipeline and status, and takes nothing. Exact at its moment; bytes are an estimate. */
export async function planPrune(ctx: Ctx, cutoffs: Cutoffs): Promise<PrunePlan> {
  allow(ctx, "runs.read");
  return inTransaction(ctx, async (tx) => {
    await tx.db.$executeRaw`select set_config('statement_timeout', ${String(PLAN_TIMEOUT_MS)}, true)`;
    const oldest = [cutoffs.runs, cutoffs.payloads].filter((cutoff) => cutoff !== null).toSorted((a, b) => b.getTime() - a.getTime())[0];
    const [pinned] = oldest ? await tx.db.$queryRaw<{ n: bigint }[]>`select count(*) as n from runs r where r.pinned_at is not null and coalesce(r.completed_at, 'infinity'::timestamptz) < ${oldest.toISOString()}::timestamptz` : [];
    // What is deleted needs no stripping first.
    const stripped = cutoffs.payloads && (cutoffs.runs === null || cutoffs.payloads > cutoffs.runs) ? cutoffs.payloads : null;
    const andNotDeleted = cutoffs.runs === null ? sql`true` : sql`r.completed_at >= ${cutoffs.runs.toISOString()}::timestamptz`;
    return {
      cutoffs,
      delete: await planPart(tx, "delete", cutoffs.runs && isDue("delete", cutoffs.runs)),
      strip: await planPart(tx, "strip", stripped && sql`${isDue("strip", stripped)} and ${andNotDeleted}`),
      pinnedKept: Number(pinned?.n ?? 0),
    };
  });
}

async function planPart(ctx: Ctx, pass: Pass, condition: Sql | null): Promise<PrunePlanPart> {
  if (condition === null) return { groups: [], runs: 0, estimatedBytes: 0 };
  const found = await ctx.db.$queryRaw<{ pipeline: string; status: RunStatus; runs: bigint }[]>`
    select r.pipeline, r.status, count(*) as runs from runs r where ${condition} group by 1, 2 order by 1, 2`;
  const groups = found.map((group) => ({ ...group, runs: Number(group.runs) }));
  const runs = groups.reduce((sum, group) => sum + group.runs, 0);
  if (runs === 0) return { groups, runs, estimatedBytes: 0 };
  const ofSteps = pass === "delete" ? sql`pg_column_size(s.*)` : sql`coalesce(pg_column_size(s.input_json), 0) + coalesce(pg_column_size(s.output_json), 0)`;
  const ofCalls = pass === "delete" ? sql`pg_column_size(c.*)` : sql`coalesce(pg_column_size(c.system_prompt), 0) + coalesce(pg_column_size(c.prompt), 0) + coalesce(pg_column_size(c.response_raw), 0) + coalesce(pg_column_size(c.response_parsed), 0)`;
  const [size] = await ctx.db.$queryRaw<{ bytes: number; sampled: number }[]>`
    with sampled as materialized (select r.id, pg_column_size(r.*) as bytes from runs r where ${condition} limit ${SAMPLE}::int)
    select count(*)::int as sampled,
           (${pass === "delete" ? sql`sum(m.bytes)` : sql`0`}
            + coalesce((select sum(${ofSteps}) from run_steps s where s.run_id in (select id from sampled)), 0)
            + coalesce((select sum(${ofCalls}) from llm_calls c where c.run_id in (select id from sampled)), 0)
            + coalesce((select sum(pg_column_size(l.*)) from run_logs l where l.run_id in (select id from sampled)), 0))::float8 as bytes
      from sampled m`;
  return { groups, runs, estimatedBytes: size && size.sampled > 0 ? Math.round((size.bytes / size.sampled) * runs) : 0 };
}

/** When retention last removed something by itself or by hand; null: never. */
export async function findLastPrune(ctx: Ctx): Promise<Date | null> {
  const [last] = await ctx.db.$queryRaw<{ at: Date }[]>`select e.at from run_events e where e.run_id is null and e.type = 'retention.pruned' order by e.id desc limit 1`;
  return last?.at ?? null;
}

/** What the last prune removed, and who it was; null: nothing has been removed yet. */
export async function findLastPruned(ctx: Ctx): Promise<{ at: Date; by: string; counts: Record<string, unknown> } | null> {
  allow(ctx, "runs.read");
  const [last] = await ctx.db.$queryRaw<{ at: Date; by: string; counts: Record<string, unknown> }[]>`
    select e.at, coalesce(e.actor, 'somebody') as by, e.data as counts from run_events e where e.run_id is null and e.type = 'retention.pruned' order by e.id desc limit 1`;
  return last ?? null;
}
