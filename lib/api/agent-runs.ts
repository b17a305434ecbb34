/** The seed's list of agent runs at the edge: its parameters, its bounds, and the few that it lacked. */
import { z } from "zod";
import { AppError } from "#lib/errors";
import { type AgentRunsFilter, TASK_TYPES } from "#lib/pipelines/trading/agent-runs";

const MAX_LIMIT = 200;
const Id = z.coerce.number().int().min(0).max(2_147_483_647);
const Text = z.string().max(200).refine((text) => !text.includes("\0") && text.isWellFormed());
const Moment = z.union([z.iso.datetime({ offset: true, local: true }), z.iso.date()]).transform((text) => new Date(/[Zz]|[+-]\d{2}:\d{2}$/.test(text) || text.length === 10 ? text : `${text}Z`));

/** `strategy_id`, `strategy_name`, `final_action`, `created_after`, `created_before` are ours; a limit below 1 is refused. @throws AppError MISMATCH */
export function parseAgentRuns(params: URLSearchParams): AgentRunsFilter {
  const read = <T>(name: string, schema: z.ZodType<T>, rule: string): T | null => {
    const text = params.get(name);
    if (text === null || text === "") return null;
    const parsed = schema.safeParse(text);
    if (!parsed.success) throw new AppError("MISMATCH", `${name} ${rule}.`, { faults: [{ path: name, message: rule }] });
    return parsed.data;
  };
  const whole = "is a whole number";
  return {
    accountId: read("account_id", Id, whole),
    symbol: read("symbol", Text, "is a symbol"),
    status: read("status", Text, "is a status"),
    taskType: read("task_type", z.enum(TASK_TYPES), `is ${TASK_TYPES.join(" or ")}`),
    strategy: read("strategy_name", Text, "is the name of a strategy"),
    strategyId: read("strategy_id", Id, whole),
    finalAction: read("final_action", Text, "is an action, such as BUY"),
    createdAfter: read("created_after", Moment, "is a time, such as 2026-01-31T12:00:00Z"),
    createdBefore: read("created_before", Moment, "is a time, such as 2026-01-31T12:00:00Z"),
    limit: read("limit", z.coerce.number().int().min(1).max(MAX_LIMIT), `is a whole number, 1 to ${MAX_LIMIT}`) ?? 50,
    offset: read("offset", z.coerce.number().int().min(0).max(10_000_000), `${whole}, 0 or more`) ?? 0,
  };
}

/** @throws AppError MISMATCH */
export function parseAgentRunId(text: string): number {
  const parsed = z.string().regex(/^\d{1,15}$/).safeParse(text);
  if (!parsed.success) throw new AppError("MISMATCH", "run_id is a whole number.", { faults: [{ path: "run_id", message: "is a whole number" }] });
  return Number(parsed.data);
}
