/** Runs of this pipeline in the words of the seed's `pipeline_runs` and `pipeline_steps`. */
import { z } from "zod";
import { allow, isHidden } from "#lib/access/rules";
import { sql, type Sql } from "#lib/db/client";
import type { Ctx } from "#lib/ctx";
import { AppError } from "#lib/errors";

/** The seed's five statuses, and which of ours each stands for. */
export const SEED_STATUSES = { running: ["pending", "running"], completed: ["completed"], hold: ["hold"], skipped: ["skipped"], failed: ["failed", "partial", "cancelled"] } as const;
type SeedStatus = keyof typeof SEED_STATUSES;
export const TASK_TYPES = ["signal", "maintenance"] as const;

export type AgentRunsFilter = {
  accountId: number | null; symbol: string | null; /** As the seed spells it; one that nothing has finds nothing. */ status: string | null; taskType: (typeof TASK_TYPES)[number] | null;
  strategy: string | null; strategyId: number | null; finalAction: string | null; createdAfter: Date | null; createdBefore: Date | null; limit: number; offset: number;
};

const statusOf = (ours: string): SeedStatus => (Object.keys(SEED_STATUSES) as SeedStatus[]).find((status) => (SEED_STATUSES[status] as readonly string[]).includes(ours)) ?? "failed";

const Row = z.object({
  id: z.coerce.number(), account_id: z.number().nullable(), symbol: z.string().nullable(), timeframe: z.string().nullable(), status: z.string(), final_action: z.string().nullable(), total_duration_ms: z.number().nullable(),
  journal_id: z.number().nullable(), trade_id: z.number().nullable(), task_type: z.string(), strategy_id: z.number().nullable(), strategy_name: z.string().nullable(), created_at: z.date(),
});

/**
 * A run that failed before its account was known has no row of its own: what it was asked for is in its parameters.
 * Cast only where they are what is wanted; other programs' runs may have other parameters.
 */
const ACCOUNT = sql`coalesce(t.account_id, case when jsonb_typeof(r.params->'account') = 'number' and abs((r.params->>'account')::numeric) < 2147483648 then (r.params->>'account')::numeric::int end)`;
const SYMBOL = sql`coalesce(t.symbol, r.params->>'symbol')`;
const COLUMNS = sql`
  r.id, ${ACCOUNT} as account_id, ${SYMBOL} as symbol, coalesce(t.timeframe, r.params->>'timeframe') as timeframe, r.status::text as status, r.outcome as final_action, r.duration_ms as total_duration_ms,
  t.journal_id, t.trade_id, r.stage as task_type, t.strategy_id, s.name as strategy_name, r.created_at`;
const FROM = sql`runs r left join trading_runs t on t.run_id = r.id left join strategies s on s.id = t.strategy_id`;

function conditionOf(filter: AgentRunsFilter): Sql {
  const { accountId, symbol, status, taskType, strategy, strategyId, finalAction, createdAfter, createdBefore } = filter;
  const statuses: readonly string[] | null = status === null ? null : Object.hasOwn(SEED_STATUSES, status) ? SEED_STATUSES[status as SeedStatus] : [];
  return sql`
    r.pipeline = 'trading' and r.stage = any(${taskType ? [taskType] : [...TASK_TYPES]}::text[])
    ${accountId === null ? sql`` : sql`and ${ACCOUNT} = ${accountId}`}
    ${symbol === null ? sql`` : sql`and ${SYMBOL} = ${symbol}`}
    ${statuses === null ? sql`` : sql`and r.status::text = any(${[...statuses]}::text[])`}
    ${strategy === null ? sql`` : sql`and s.name = ${strategy}`}
    ${strategyId === null ? sql`` : sql`and t.strategy_id = ${strategyId}`}
    ${finalAction === null ? sql`` : sql`and r.outcome = ${finalAction}`}
    ${createdAfter === null ? sql`` : sql`and r.created_at >= ${createdAfter}`}
    ${createdBefore === null ? sql`` : sql`and r.created_at < ${createdBefore}`}`;
}

const summaryOf = ({ status, strategy_id: _, ...row }: z.infer<typeof Row>) => ({ ...row, status: statusOf(status) });
export type AgentRunSummary = ReturnType<typeof summaryOf>;

/** Newest first, by number where two were made at once; with how many there are in all. */
export async function listAgentRuns(ctx: Ctx, filter: AgentRunsFilter): Promise<{ runs: AgentRunSummary[]; total: number }> {
  allow(ctx, "runs.read");
  const { db } = ctx;
  const condition = conditionOf(filter);
  const rows = await db.$queryRaw`select ${COLUMNS} from ${FROM} where ${condition} order by r.created_at desc, r.id desc limit ${filter.limit} offset ${filter.offset}`;
  const [counted] = await db.$queryRaw<{ total: number }[]>`select count(*)::int as total from ${FROM} where ${condition}`;
  return { runs: z.array(Row).parse(rows).map(summaryOf), total: counted?.total ?? 0 };
}

/** A run with its steps by number; a step that is still going on is left out, since the seed knows only such as have ended. @throws AppError NOT_FOUND */
export async function getAgentRun(ctx: Ctx, id: number) {
  allow(ctx, "runs.read");
  const { db } = ctx;
  const [run] = z.array(Row).parse(await db.$queryRaw`select ${COLUMNS} from ${FROM} where r.id = ${id}::bigint and r.pipeline = 'trading' and r.stage = any(${[...TASK_TYPES]}::text[])`);
  if (!run) throw new AppError("NOT_FOUND", "Pipeline run not found");
  const summary = summaryOf(run);
  const steps = await db.runStep.findMany({ where: { runId: id, ...(summary.status === "running" && { completedAt: { not: null } }) }, orderBy: { seq: "asc" }, select: { id: true, seq: true, stepName: true, status: true, inputJson: true, outputJson: true, error: true, durationMs: true } });
  const hidden = isHidden(ctx);
  return {
    run: summary,
    ...(hidden && { hidden }),
    steps: steps.map((step) => ({ id: Number(step.id), run_id: id, seq: step.seq, step_name: step.stepName, status: step.status, input_json: hidden ? null : step.inputJson, output_json: hidden ? null : step.outputJson, error: step.error, duration_ms: step.durationMs })),
  };
}
