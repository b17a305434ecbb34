import type { Ctx } from "#lib/ctx";
import { sql } from "#lib/db/client";
import { formatUsd } from "#lib/format/number";
import { hasPrice } from "#lib/llm-prices/queries";

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
