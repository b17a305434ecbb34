/** What the routes of model calls take, and the seeds' own shapes of them. */
import "server-only";
import { z } from "zod";
import { answer } from "#lib/api/route";
import type { Ctx } from "#lib/ctx";
import { AppError } from "#lib/errors";
import { parseFilter } from "#lib/filters/filter";
import { EVERY_CALL, type CallsFilter } from "#lib/llm-calls/address";
import { type CallDetail, type CallRow, countCalls, getCall, listCalls, listCallsAt } from "#lib/llm-calls/queries";
import { getUsage, UsageRequest } from "#lib/llm-usage/queries";

/** @throws AppError NOT_FOUND: an id that is none names no call. */
export function parseCallId(text: string): number {
  if (!/^#?[1-9]\d{0,14}$/.test(text)) throw new AppError("NOT_FOUND", `No LLM call "${text.slice(0, 50)}": a call has a number, such as 12.`);
  return Number(text.replace("#", ""));
}

/** A page of calls with how many match, as far as is known soon. */
export async function answerCalls(ctx: Ctx, filter: CallsFilter): Promise<Response> {
  const { rows, ...page } = await listCalls(ctx, filter);
  const total = await Promise.race([countCalls(ctx, filter.tree).catch(() => null), new Promise<null>((resolve) => setTimeout(resolve, 5, null))]);
  return answer({ data: rows, page: { ...page, total } });
}

/** The seeds' list of calls: by stage, the newest first. */
export const AuditRequest = z.object({
  stage: z.string().min(1).max(100).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
});

const auditItem = (call: CallRow) => ({
  id: call.id, pipeline_run_id: call.runId, stage: call.stage, sender_domain: call.subject, prompt_template: call.template ?? call.role, model_used: call.model, duration_ms: call.durationMs,
  status: call.status, error_message: call.error, created_at: call.createdAt,
});

/** `{ total, items }`, as the stage-runs system has it; `total` is exact to 100 000. */
export async function auditPage(ctx: Ctx, { stage, limit, offset }: z.infer<typeof AuditRequest>): Promise<{ total: number; items: object[] }> {
  const tree = stage === undefined ? null : parseFilter({ and: [{ value_equals: { key: "system/llm_call.stage", value: stage } }] }, "stage", "call");
  const [rows, total] = await Promise.all([listCallsAt(ctx, { ...EVERY_CALL, tree, limit }, offset), countCalls(ctx, tree)]);
  return { total: total.value, items: rows.map(auditItem) };
}

/** One call in the same words, with its texts. */
export async function auditEntry(ctx: Ctx, callId: number): Promise<object> {
  const call: CallDetail = await getCall(ctx, callId);
  const { hidden, prompt, systemPrompt, responseRaw, responseParsed } = call;
  return { ...auditItem(call), ...(hidden && { hidden }), prompt_rendered: prompt, system_prompt: systemPrompt, response_raw: responseRaw, response_parsed: responseParsed };
}

const PERIODS = { day: 1, week: 7, month: 30 } as const;

/** The agent-runs system's summary: what a day, a week or a month of calls cost, by provider. */
export const SummaryRequest = z.object({ period: z.enum(["day", "week", "month"], { error: "is day, week or month" }).default("month") });
export async function usageSummary(ctx: Ctx, { period }: z.infer<typeof SummaryRequest>) {
  const { from, to, total, groups } = await getUsage(ctx, UsageRequest.parse({ days: PERIODS[period], by: "provider" }));
  return { period, from, to, total, providers: groups.map(({ key, ...sums }) => ({ provider: key, ...sums })) };
}
