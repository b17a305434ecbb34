/** How a unit asks a model: within its stage's limits, each attempt recorded, an answer that does not fit repaired once. */
import { setTimeout as sleep } from "node:timers/promises";
import { readAnswer } from "#lib/ai/answer";
import { inLane, throughCircuit } from "#lib/ai/limits";
import { envOfModel } from "#lib/ai/models";
import { isRetryable, LlmError, retryDelayMs } from "#lib/ai/llm-error";
import { askEndpoint, LOCAL, rendered, type Repair, repairText, type Reply, takesImages, type Who, whoAnswers } from "#lib/ai/provider";
import type { Ctx } from "#lib/ctx";
import { type Env, parseEnv } from "#lib/env";
import { messageOf } from "#lib/errors";
import { beginCall, type CallEnd, type CallStart, describeImage, endCall, keepPrompt, recordCall } from "#lib/llm-calls/mutations";
import { findSpentBudget } from "#lib/llm-calls/queries";
import { countMetric, timeMetric } from "#lib/metrics/recorder";
import type { LlmLimits, LlmQuestion, LlmRecord, OpenStep, UnitCtx } from "./define.ts";
import type { Claim } from "./settle.ts";

/** Ends the unit: its stage may spend no more. What it has written stays; the next units of the run meet the same at their first question. */
export class BudgetSpentError extends Error {
  override readonly name = "BudgetSpent";
}

export type LlmOf = {
  ctx: Ctx;
  claim: Claim;
  pipeline: string;
  stage: string;
  limits: LlmLimits;
  signal: AbortSignal;
  /** Aborts the unit's signal with this, so that stages which carry on after a failed question stop too. */
  stop: (reason: BudgetSpentError) => void;
  /** The id of this step; without one, of the step in which is asked, if any. */
  stepId: (step?: OpenStep) => number | null;
};

/** How long an endpoint may ask to be left alone before the question is given up instead, in milliseconds. */
const LONGEST_WAIT_MS = 60_000;

type Asking = { env: Env; who: Who; question: LlmQuestion<unknown>; timeoutMs: number };

export function makeLlm(of: LlmOf): UnitCtx<unknown>["llm"] {
  return {
    generate: async <T>(question: LlmQuestion<T>) => {
      of.signal.throwIfAborted();
      if (question.template) await keepPrompt(of.ctx, question.template);
      const env = question.model === undefined ? parseEnv() : envOfModel(parseEnv(), question.model);
      if (!env?.PENSTOCK_AI_BASE_URL) return answerLocally(of, question);
      const who = whoAnswers(env);
      const timeoutMs = question.timeoutMs ?? of.limits.timeoutMs ?? env.PENSTOCK_AI_TIMEOUT_MS;
      const value = await ask(of, { env, who, question, timeoutMs });
      // The schema took it in `attempt`: its output is a T.
      return { value: value as T, ...who };
    },
    record: (told) => recordTold(of, told),
  };
}

/** A call that was made elsewhere. Its cost is ours to say: from the price table, as for every other. */
async function recordTold(of: LlmOf, { provider, model, step, system = "", prompt = "", role, subject, ...told }: LlmRecord): Promise<void> {
  const { inputTokens = null, outputTokens = null, durationMs = 0, error } = told;
  const who = { provider, model };
  const callId = await beginCall(of.ctx, { ...startOf(of, { who, question: { role, subject }, attempt: 1, system, prompt }), stepId: step ? of.stepId(step) : null });
  const totalTokens = inputTokens !== null && outputTokens !== null ? inputTokens + outputTokens : null;
  const { costUsd } = await endCall(of.ctx, callId, who, { status: error === undefined ? "ok" : "error", error, responseRaw: told.response ?? null, responseParsed: told.parsed, inputTokens, outputTokens, totalTokens, durationMs });
  noteReply(model, { inputTokens, outputTokens }, costUsd, durationMs);
}

/** The question's own stand-in: it takes no time to speak of, so it is recorded once it has answered. */
async function answerLocally<T>(of: LlmOf, question: LlmQuestion<T>): Promise<{ value: T } & Who> {
  const startedAt = performance.now();
  const start = startOf(of, { who: LOCAL, question, attempt: 1, system: question.system, prompt: question.prompt });
  try {
    const value = question.local();
    const durationMs = performance.now() - startedAt;
    await recordCall(of.ctx, start, { status: "ok", responseParsed: value ?? null, durationMs });
    timeMetric("app_llm_duration_seconds", { model: LOCAL.model }, durationMs / 1_000);
    return { value, ...LOCAL };
  } catch (error) {
    if (!isRecorded(error)) await recordCall(of.ctx, start, { status: "error", error: messageOf(error), errorClass: classOf(error), durationMs: performance.now() - startedAt });
    throw error;
  }
}

/** A failure of the database while recording is not recorded in it. */
const isRecorded = (error: unknown): boolean => error instanceof Error && "clientVersion" in error;
const classOf = (error: unknown): string => (error instanceof LlmError ? error.kind : error instanceof Error ? error.name : "Error").slice(0, 60);

/** Attempts until one answers, the repair among them. */
async function ask(of: LlmOf, asking: Asking): Promise<unknown> {
  const attempts = of.limits.attempts ?? asking.env.PENSTOCK_AI_ATTEMPTS;
  const concurrency = Math.min(of.limits.concurrency ?? Number.POSITIVE_INFINITY, asking.env.PENSTOCK_AI_CONCURRENCY);
  let repair: Repair | null = null;
  let failures = 0;
  for (let attempt = 1; ; attempt += 1) {
    const current: Repair | null = repair;
    const outcome: Outcome = await inLane(`${of.pipeline}/${of.stage}`, concurrency, of.signal, async () => {
      await requireBudget(of, asking);
      return tryOnce(of, asking, attempt, current);
    });
    if ("value" in outcome) return outcome.value;
    const { error }: { error: LlmError } = outcome;
    if (error.kind === "Unfit") {
      if (repair) throw error;
      repair = { answer: error.responseRaw ?? "", reason: outcome.reason };
      continue;
    }
    failures += 1;
    if (!isRetryable(error) || failures >= attempts) throw error;
    const waitMs = retryDelayMs(error, failures, Math.random());
    if (waitMs > LONGEST_WAIT_MS) throw error;
    await sleep(waitMs, undefined, { signal: of.signal }).catch(() => of.signal.throwIfAborted());
  }
}

/** @throws BudgetSpentError after telling the unit to stop */
async function requireBudget(of: LlmOf, { env, who }: Asking): Promise<void> {
  const smaller = (a: number | undefined, b: number | undefined) => (a === undefined ? b : b === undefined ? a : Math.min(a, b));
  const perRunUsd = smaller(of.limits.perRunUsd, env.PENSTOCK_AI_RUN_BUDGET_USD);
  const perDayUsd = smaller(of.limits.perDayUsd, env.PENSTOCK_AI_DAY_BUDGET_USD);
  if (perRunUsd === undefined && perDayUsd === undefined) return;
  const spent = await findSpentBudget(of.ctx, { runId: of.claim.runId, pipeline: of.pipeline, stage: of.stage, ...who, perRunUsd, perDayUsd });
  of.signal.throwIfAborted();
  if (!spent) return;
  const error = new BudgetSpentError(spent);
  of.stop(error);
  throw error;
}

type Outcome = { value: unknown } | { error: LlmError; reason: string };

/** One request and its record. Only failures of the question come back; what the unit was aborted with, and bugs, are thrown. */
async function tryOnce(of: LlmOf, { env, who, question, timeoutMs }: Asking, attempt: number, repair: Repair | null): Promise<Outcome> {
  const { ctx, signal } = of;
  const sent = rendered(question, repair, takesImages(env));
  const prompt = [sent.prompt, ...sent.images.map(describeImage), ...(repair ? [`\n[answer]\n${repair.answer}\n\n[asked again]\n${repairText(repair)}`] : [])].join("\n");
  const start = startOf(of, { who, question, attempt, system: sent.system, prompt });
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  let callId: number | null = null;
  try {
    const reply = await throughCircuit({ url: env.PENSTOCK_AI_BASE_URL ?? "", ...who }, env.PENSTOCK_AI_PAUSE_MS, async () => {
      callId = await beginCall(ctx, start);
      return askEndpoint(sent, { env, timeoutMs, signal });
    });
    const read = readAnswer(reply.content, question.schema, reply.finishReason === "length");
    const { content, ...counted } = reply;
    const error = read.ok ? null : new LlmError(`The model's answer is not the JSON that was asked for: ${read.reason}.`, { ...who, kind: "Unfit", responseRaw: content });
    const end: CallEnd = { ...counted, responseRaw: content, durationMs: elapsed(), ...(read.ok ? { status: "ok", responseParsed: read.value ?? null } : { status: "error", error: error?.message, errorClass: "Unfit" }) };
    const { costUsd } = await endCall(ctx, callId ?? 0, who, end);
    callId = null;
    noteReply(who.model, reply, costUsd, end.durationMs);
    return read.ok ? { value: read.value } : { error: error as LlmError, reason: read.reason };
  } catch (error) {
    const isAborted = signal.aborted && !(error instanceof LlmError);
    const end: CallEnd = isAborted
      ? { status: "cancelled", error: abortedBecause(signal.reason), durationMs: elapsed() }
      : { status: "error", error: messageOf(error), errorClass: classOf(error), responseRaw: error instanceof LlmError ? error.responseRaw : null, durationMs: elapsed() };
    if (callId !== null) await endCall(ctx, callId, who, end);
    else if (error instanceof LlmError) await recordCall(ctx, start, end);
    timeMetric("app_llm_duration_seconds", { model: who.model }, end.durationMs / 1_000);
    if (error instanceof LlmError) return { error, reason: error.message };
    throw error;
  }
}

function abortedBecause(reason: unknown): string {
  if (reason === "stopping") return "Its worker was stopped in the middle of it; the unit is taken up again elsewhere";
  if (reason === "cancelled") return "The run was cancelled in the middle of it";
  return `It was given up: ${messageOf(reason)}`;
}

function startOf(of: LlmOf, { who, question, attempt, system, prompt }: { who: Who; question: Pick<LlmQuestion<unknown>, "role" | "subject" | "template" | "accountId">; attempt: number; system: string; prompt: string }): CallStart {
  const { claim, pipeline, stage } = of;
  return {
    runId: claim.runId, unitSeq: claim.seq, unitAttempt: claim.attempt, stepId: of.stepId(), pipeline, stage, ...who, attempt, systemPrompt: system, prompt,
    role: question.role, subject: question.subject ?? null, accountId: question.accountId ?? null, template: question.template?.name ?? null, templateVersion: question.template?.version ?? null,
  };
}

function noteReply(model: string, { inputTokens, outputTokens }: Pick<Reply, "inputTokens" | "outputTokens">, costUsd: number | null, durationMs: number): void {
  timeMetric("app_llm_duration_seconds", { model }, durationMs / 1_000);
  if (inputTokens !== null) countMetric("app_llm_tokens_total", { model, type: "input" }, inputTokens);
  if (outputTokens !== null) countMetric("app_llm_tokens_total", { model, type: "output" }, outputTokens);
  if (costUsd !== null) countMetric("app_llm_cost_usd_total", { model }, costUsd);
}
