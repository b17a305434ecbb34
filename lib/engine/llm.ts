/** Model calls of a unit: asked here or told of by a program, each kept for the AI audit whether it went well or not. */
import { LlmError, answerQuestion } from "#lib/ai/provider";
import { costOf } from "#lib/ai/prices";
import type { Ctx } from "#lib/ctx";
import { storable } from "#lib/db/storable";
import { messageOf } from "#lib/errors";
import { countMetric, timeMetric } from "#lib/metrics/recorder";
import type { LlmQuestion, LlmRecord } from "./define.ts";

type Place = { runId: number; stepId: number | null };

/** Asks, and records the call before its answer is used. */
export async function askModel<T>(ctx: Ctx, place: Place, question: LlmQuestion<T>, signal: AbortSignal): Promise<{ value: T; provider: string; model: string }> {
  const startedAt = performance.now();
  const call = { ...place, role: question.role, subject: question.subject ?? null, systemPrompt: storable(question.system), prompt: storable(question.prompt) };
  try {
    const answer = await answerQuestion(question, signal);
    noteAnswer(answer);
    await ctx.db.llmCall.create({
      data: {
        ...call, status: "ok", provider: answer.provider, model: answer.model,
        responseRaw: answer.responseRaw === null ? null : storable(answer.responseRaw), responseParsed: storableJson(answer.value ?? null),
        inputTokens: answer.inputTokens, outputTokens: answer.outputTokens, totalTokens: answer.totalTokens, costUsd: answer.costUsd, durationMs: Math.round(answer.durationMs),
      },
      select: { id: true },
    });
    return { value: answer.value, provider: answer.provider, model: answer.model };
  } catch (error) {
    const failed = error instanceof LlmError ? error : null;
    if (failed) timeMetric("app_llm_duration_seconds", { model: failed.model }, (performance.now() - startedAt) / 1_000);
    await ctx.db.llmCall.create({
      data: {
        ...call, status: "error", provider: failed?.provider ?? "unknown", model: failed?.model ?? "unknown", error: storable(messageOf(error)),
        responseRaw: failed?.responseRaw == null ? null : storable(failed.responseRaw), durationMs: Math.round(performance.now() - startedAt),
      },
      select: { id: true },
    });
    throw error;
  }
}

/** Records a call that was made elsewhere. Its cost is ours to say: from the price table, as for every other. */
export async function recordCall(ctx: Ctx, place: Place, call: LlmRecord): Promise<void> {
  const { provider, model, inputTokens = null, outputTokens = null, durationMs = 0 } = call;
  const costUsd = costOf(model, inputTokens, outputTokens);
  noteAnswer({ model, inputTokens, outputTokens, costUsd, durationMs });
  const text = (value: string | undefined) => (value === undefined ? null : storable(value));
  await ctx.db.llmCall.create({
    data: {
      ...place, status: call.error === undefined ? "ok" : "error", provider, model, role: call.role, subject: text(call.subject),
      systemPrompt: text(call.system), prompt: text(call.prompt), responseRaw: text(call.response), responseParsed: call.parsed == null ? undefined : storableJson(call.parsed),
      error: text(call.error), inputTokens, outputTokens, totalTokens: inputTokens !== null && outputTokens !== null ? inputTokens + outputTokens : null,
      costUsd, durationMs: Math.round(durationMs),
    },
    select: { id: true },
  });
}

const storableJson = (value: unknown) => JSON.parse(storable(JSON.stringify(value)));

type Counted = { model: string; inputTokens: number | null; outputTokens: number | null; costUsd: number | null; durationMs: number };

function noteAnswer({ model, inputTokens, outputTokens, costUsd, durationMs }: Counted): void {
  timeMetric("app_llm_duration_seconds", { model }, durationMs / 1_000);
  if (inputTokens !== null) countMetric("app_llm_tokens_total", { model, type: "input" }, inputTokens);
  if (outputTokens !== null) countMetric("app_llm_tokens_total", { model, type: "output" }, outputTokens);
  if (costUsd !== null) countMetric("app_llm_cost_usd_total", { model }, costUsd);
}
