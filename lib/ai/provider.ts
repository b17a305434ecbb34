/** The door to a language model: any OpenAI-compatible endpoint that the environment names. One question, one request. */
import "server-only";
import { z } from "zod";
import type { LlmQuestion } from "#lib/engine/define";
import { type Env, parseEnv } from "#lib/env";
import { AppError } from "#lib/errors";
import { guardedFetch } from "#lib/net/guarded-fetch";
import { toLlmError } from "./explain.ts";
import { type Counted, LlmError } from "./llm-error.ts";

/** The most of a response that is read, in bytes. An answer that we can use has a few kilobytes. */
const MAX_RESPONSE_BYTES = 4_000_000;
const MAX_TOKENS = 2_147_483_647;

export const LOCAL = { provider: "local", model: "local-analyser" };
export type Who = { provider: string; model: string };

/** Who would answer now: kept with each run, so that one can see later what it was made with. */
export function aiSnapshot(): Who {
  return whoAnswers(parseEnv());
}

export function whoAnswers({ PENSTOCK_AI_BASE_URL: baseUrl, PENSTOCK_AI_MODEL: model }: Env): Who {
  return baseUrl ? { provider: new URL(baseUrl).host, model: model ?? "" } : LOCAL;
}

/** Names of models that take pictures. */
const SEES = /gpt-(4o|4\.1|5)|^o[34]|claude-|gemini-|gemma-?3|llava|pixtral|vision|-vl\b|minicpm-v|moondream/i;

/** Whether pictures sent along with a question would be looked at. The local analyser looks at none. */
export function takesImages(env = parseEnv()): boolean {
  if (!env.PENSTOCK_AI_BASE_URL) return false;
  return env.PENSTOCK_AI_IMAGES ?? SEES.test((env.PENSTOCK_AI_MODEL ?? "").replace(/^.*\//, ""));
}

/** What is sent: exactly these texts, and pictures beside the prompt. */
export type Sent = { system: string; prompt: string; images: NonNullable<LlmQuestion<unknown>["images"]>; repair: Repair | null; tools?: LlmQuestion<unknown>["tools"] };
/** An answer that did not fit, shown to the model with what was wrong. */
export type Repair = { answer: string; reason: string };

const MAX_QUOTED_CHARS = 8_000;

/** The question as it is sent: its schema in words, and what a repair asks. */
export function rendered(question: LlmQuestion<unknown>, repair: Repair | null, images: boolean): Sent {
  const shape = JSON.stringify(z.toJSONSchema(question.schema, { unrepresentable: "any", io: "input" }));
  return {
    system: `${question.system}\n\n${question.tools ? "Call the tools that you are given. If you cannot, answer" : "Answer"} with one JSON value that fits this JSON Schema, and with nothing else:\n${shape}`,
    prompt: question.prompt,
    images: images ? (question.images ?? []) : [],
    repair,
    ...(question.tools && { tools: question.tools }),
  };
}

export const repairText = ({ reason }: Repair): string => `That is not the JSON that was asked for: ${reason}. Answer again, with one JSON value that fits the schema and with nothing else.`;

/** What came back. `content` is the model's text, as it is. */
export type Reply = Counted & { content: string; finishReason: string | null };

const tokens = z.int().min(0).max(MAX_TOKENS).nullish().catch(null);
const ToolCalls = z.array(z.object({ function: z.object({ name: z.string(), arguments: z.string().nullish() }) })).nullish().catch(null);
/** The part of a chat completion that is used. Endpoints that call themselves compatible leave out the rest. */
const Completion = z.object({
  choices: z.array(z.object({ finish_reason: z.string().nullish(), message: z.object({ content: z.string().nullish(), tool_calls: ToolCalls }) })).min(1),
  usage: z.object({
    prompt_tokens: tokens, completion_tokens: tokens, total_tokens: tokens,
    prompt_tokens_details: z.object({ cached_tokens: tokens }).nullish().catch(null),
    completion_tokens_details: z.object({ reasoning_tokens: tokens }).nullish().catch(null),
  }).nullish().catch(null),
});

/**
 * Asks the configured endpoint once. Whether a failure is worth another try is the caller's affair, and each try shall be seen in the audit.
 *
 * @param timeoutMs until the last byte of the answer
 * @throws LlmError with a sentence; what `signal` was aborted with, when it was
 */
export async function askEndpoint(sent: Sent, { env, timeoutMs, signal }: { env: Env; timeoutMs: number; signal: AbortSignal }): Promise<Reply> {
  signal.throwIfAborted();
  const who = whoAnswers(env);
  const { default: OpenAI } = await import("openai");
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
    // A redirect could lead to another machine, with the key: none is followed.
    fetch: async (url, init) => bounded(await guardedFetch(url, { ...init, signal: either }, { named: env.PENSTOCK_AI_BASE_URL, env })),
  });
  let response: unknown;
  try {
    response = await client.chat.completions.create({ model: who.model, messages: messagesOf(sent), ...toolsOf(sent) }, { signal: either });
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.aborted) throw new LlmError(`${who.provider} timed out after ${timeoutMs / 1000} s.`, { ...who, kind: "TimedOut", cause: error });
    throw toLlmError(error, who);
  }
  const parsed = Completion.safeParse(response);
  if (!parsed.success) {
    const said = typeof response === "string" ? response : (JSON.stringify(response) ?? "");
    throw new LlmError(`${who.provider} answered, but not with a chat completion. Is PENSTOCK_AI_BASE_URL the address of an OpenAI-compatible API, with its /v1?`, { ...who, kind: "NotACompletion", responseRaw: said });
  }
  const choice = parsed.data.choices[0];
  return { content: saidBy(choice?.message), finishReason: choice?.finish_reason?.slice(0, 40) ?? null, ...countsOf(parsed.data.usage ?? null) };
}

function messagesOf({ system, prompt, images, repair }: Sent) {
  const content = images.length === 0
    ? prompt
    : [{ type: "text" as const, text: prompt }, ...images.map(({ mimeType, base64 }) => ({ type: "image_url" as const, image_url: { url: `data:${mimeType};base64,${base64}` } }))];
  const again = repair ? [{ role: "assistant" as const, content: repair.answer.slice(0, MAX_QUOTED_CHARS) || "(nothing)" }, { role: "user" as const, content: repairText(repair) }] : [];
  return [{ role: "system" as const, content: system }, { role: "user" as const, content }, ...again];
}

/** Cached tokens are a part of the input, reasoning tokens one of the output, whatever the endpoint says. */
function countsOf(usage: z.infer<typeof Completion>["usage"]): Counted {
  const inputTokens = usage?.prompt_tokens ?? null;
  const outputTokens = usage?.completion_tokens ?? null;
  const part = (of: number | null, counted: number | null | undefined) => (of === null || counted == null ? null : Math.min(of, counted));
  return {
    inputTokens,
    cachedTokens: part(inputTokens, usage?.prompt_tokens_details?.cached_tokens),
    outputTokens,
    reasoningTokens: part(outputTokens, usage?.completion_tokens_details?.reasoning_tokens),
    totalTokens: usage?.total_tokens ?? (inputTokens !== null && outputTokens !== null ? Math.min(MAX_TOKENS, inputTokens + outputTokens) : null),
  };
}

const toolsOf = ({ tools }: Sent) => (tools ? { tools: tools.map((tool) => ({ type: "function" as const, function: tool })) } : {});

/** What a message says; its tool calls as the JSON that `LlmQuestion.tools` tells of. */
function saidBy(message: z.infer<typeof Completion>["choices"][number]["message"] | undefined): string {
  const { content, tool_calls: calls } = message ?? {};
  if (!calls || calls.length === 0) return content ?? "";
  return JSON.stringify({ thought: content ?? "", calls: calls.map(({ function: { name, arguments: given } }) => ({ tool: name, arguments: argumentsOf(given) })) });
}

/** Arguments are JSON that a model wrote: what is none is handed on as it is, for the tool to refuse. */
function argumentsOf(given: string | null | undefined): unknown {
  try {
    const parsed = z.record(z.string(), z.unknown()).safeParse(JSON.parse(given || "{}"));
    return parsed.success ? parsed.data : { unreadable: given };
  } catch {
    return { unreadable: given };
  }
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
