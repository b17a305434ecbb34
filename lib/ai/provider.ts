/** The door to a language model: any OpenAI-compatible endpoint, or else what the question itself brings along. */
import "server-only";
import { z } from "zod";
import type { LlmQuestion } from "#lib/engine/define";
import { type Env, parseEnv } from "#lib/env";
import { AppError, messageOf } from "#lib/errors";
import { readAnswer } from "./answer.ts";
import { costOf } from "./prices.ts";

/** The most of a response that is read, in bytes. An answer that we can use has a few kilobytes. */
const MAX_RESPONSE_BYTES = 4_000_000;
/** How much of what an endpoint says about its own failure goes into our sentence, in characters. */
const MAX_SAID_CHARS = 300;

const LOCAL = { provider: "local", model: "local-analyser" };

export type LlmAnswer<T> = {
  value: T;
  provider: string;
  model: string;
  responseRaw: string | null;
  inputTokens: number | null;
  outputTokens: number | null;
  totalTokens: number | null;
  costUsd: number | null;
  durationMs: number;
};

/** A question that got no usable answer, and why, in a sentence. */
export class LlmError extends Error {
  readonly provider: string;
  readonly model: string;
  /** What the model did say, if it said anything. */
  readonly responseRaw: string | null;

  constructor(message: string, more: { provider: string; model: string; responseRaw?: string | null; cause?: unknown }) {
    super(message, { cause: more.cause });
    this.name = "LlmError";
    this.provider = more.provider;
    this.model = more.model;
    this.responseRaw = more.responseRaw ?? null;
  }
}

/** Who would answer now: kept with each run, so that one can see later what it was made with. */
export function aiSnapshot(): { provider: string; model: string } {
  return whoAnswers(parseEnv());
}

/** Whether the configured model is said to take pictures. */
export function takesImages(): boolean {
  const { PENSTOCK_AI_BASE_URL: baseUrl, PENSTOCK_AI_IMAGES: isTaken } = parseEnv();
  return baseUrl !== undefined && isTaken;
}

function whoAnswers({ PENSTOCK_AI_BASE_URL: baseUrl, PENSTOCK_AI_MODEL: model }: Env): { provider: string; model: string } {
  return baseUrl ? { provider: new URL(baseUrl).host, model: model ?? "" } : LOCAL;
}

/**
 * Asks the configured model once; without one, the question's own `local` answers. Never tries again by itself:
 * whether a failure is worth another try is the unit's affair, and each try shall be seen in the audit.
 *
 * @throws LlmError with a sentence; what `signal` was aborted with, when it was
 */
export async function answerQuestion<T>(question: LlmQuestion<T>, signal: AbortSignal): Promise<LlmAnswer<T>> {
  signal.throwIfAborted();
  const env = parseEnv();
  const who = whoAnswers(env);
  const startedAt = performance.now();
  if (!env.PENSTOCK_AI_BASE_URL) {
    const value = question.local();
    return { value, ...LOCAL, responseRaw: null, inputTokens: null, outputTokens: null, totalTokens: null, costUsd: null, durationMs: performance.now() - startedAt };
  }

  const { content, usage, isCut } = await complete(question, env, who, signal);
  const read = readAnswer(content, question.schema, isCut);
  if (!read.ok) throw new LlmError(`The model's answer is not the JSON that was asked for: ${read.reason}.`, { ...who, responseRaw: content });
  const inputTokens = usage?.prompt_tokens ?? null;
  const outputTokens = usage?.completion_tokens ?? null;
  return {
    value: read.value,
    ...who,
    responseRaw: content,
    inputTokens,
    outputTokens,
    totalTokens: usage?.total_tokens ?? (inputTokens !== null && outputTokens !== null ? inputTokens + outputTokens : null),
    costUsd: costOf(who.model, inputTokens, outputTokens),
    durationMs: performance.now() - startedAt,
  };
}

const tokens = z.int().min(0).max(2_147_483_647).nullish().catch(null);
/** The part of a chat completion that is used. Endpoints that call themselves compatible leave out the rest. */
const Completion = z.object({
  choices: z.array(z.object({ finish_reason: z.string().nullish(), message: z.object({ content: z.string().nullish() }) })).min(1),
  usage: z.object({ prompt_tokens: tokens, completion_tokens: tokens, total_tokens: tokens }).nullish().catch(null),
});

async function complete<T>(question: LlmQuestion<T>, env: Env, who: { provider: string; model: string }, signal: AbortSignal) {
  const { default: OpenAI } = await import("openai");
  const timeoutMs = env.PENSTOCK_AI_TIMEOUT_MS;
  // The client's own timeout ends when the headers are here; this one holds until the last byte.
  const timeout = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, timeout]);
  const client = new OpenAI({
    baseURL: env.PENSTOCK_AI_BASE_URL,
    // The client insists on a key; an endpoint that wants none does not look.
    apiKey: env.PENSTOCK_AI_API_KEY ?? "none",
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: "off",
    fetch: async (url, init) => bounded(await fetch(url, { ...init, signal: either })),
  });
  const shape = JSON.stringify(z.toJSONSchema(question.schema, { unrepresentable: "any", io: "input" }));
  const messages = [
    { role: "system" as const, content: `${question.system}\n\nAnswer with one JSON value that fits this JSON Schema, and with nothing else:\n${shape}` },
    { role: "user" as const, content: question.prompt },
  ];
  let response: unknown;
  try {
    response = await client.chat.completions.create({ model: who.model, messages }, { signal: either });
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.aborted) throw new LlmError(`${who.provider} timed out after ${timeoutMs / 1000} s.`, { ...who, cause: error });
    throw new LlmError(explain(error, who), { ...who, cause: error });
  }
  const parsed = Completion.safeParse(response);
  if (!parsed.success) {
    const said = typeof response === "string" ? response : (JSON.stringify(response) ?? "");
    throw new LlmError(`${who.provider} answered, but not with a chat completion. Is PENSTOCK_AI_BASE_URL the address of an OpenAI-compatible API, with its /v1?`, { ...who, responseRaw: said });
  }
  const choice = parsed.data.choices[0];
  return { content: choice?.message.content ?? "", usage: parsed.data.usage ?? null, isCut: choice?.finish_reason === "length" };
}

/** The response, failing where it goes past `MAX_RESPONSE_BYTES`. */
function bounded(response: Response): Response {
  if (!response.body) return response;
  let seen = 0;
  const body = response.body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      seen += chunk.length;
      if (seen > MAX_RESPONSE_BYTES) controller.error(new AppError("TOO_LARGE", `its answer is longer than ${MAX_RESPONSE_BYTES / 1_000_000} MB`));
      else controller.enqueue(chunk);
    },
  }));
  return new Response(body, { status: response.status, statusText: response.statusText, headers: response.headers });
}

const Failed = z.object({ status: z.number() });
const Coded = z.object({ code: z.string() });

/** What went wrong between us and the endpoint, and what to do about it. */
function explain(error: unknown, { provider, model }: { provider: string; model: string }): string {
  const failed = Failed.safeParse(error);
  if (failed.success) {
    const { status } = failed.data;
    const said = messageOf(error).replace(/^\d{3}\s*/, "").slice(0, MAX_SAID_CHARS);
    const quoted = said && !/status code \(no body\)/.test(said) ? ` It said: ${said}` : "";
    if (status === 401 || status === 403) return `${provider} refused the key (${status}). Check PENSTOCK_AI_API_KEY.${quoted}`;
    if (status === 404) return `${provider} has no model "${model}" (404). Check PENSTOCK_AI_MODEL, and that PENSTOCK_AI_BASE_URL ends as the provider wants it, mostly in /v1.${quoted}`;
    if (status === 429) return `${provider} has reached its rate limit (429). Wait, or run with fewer workers.${quoted}`;
    if (status >= 500) return `${provider} failed with a server error (${status}).${quoted}`;
    return `${provider} refused the question (${status}).${quoted}`;
  }
  const chain = causes(error);
  const tooLong = chain.find((cause) => cause instanceof AppError);
  if (tooLong) return `${provider} was cut off: ${tooLong.message}.`;
  const code = chain.map((cause) => Coded.safeParse(cause)).find((parsed) => parsed.success)?.data?.code;
  if (code === "ECONNREFUSED") return `Nothing listens at ${provider}. Start the model server there, or change PENSTOCK_AI_BASE_URL.`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `The name of ${provider} could not be looked up. Check PENSTOCK_AI_BASE_URL and the network.`;
  if (code === "ECONNRESET" || code === "UND_ERR_SOCKET") return `${provider} broke the connection off in the middle of its answer.`;
  return `${provider} could not be asked: ${messageOf(chain.at(-1) ?? error)}`;
}

/** An error and its causes, outermost first; also those that an AggregateError (one per address tried) holds. */
function causes(error: unknown): Error[] {
  const found: Error[] = [];
  let next = error;
  while (next instanceof Error && found.length < 10) {
    found.push(next);
    next = next.cause ?? (next instanceof AggregateError ? next.errors[0] : undefined);
  }
  return found;
}
