/** What went wrong between us and the endpoint, in a sentence that says what to do. */
import { z } from "zod";
import { AppError, messageOf } from "#lib/errors";
import { LlmError, type LlmFailure, readRetryAfter } from "./llm-error.ts";

/** How much of what an endpoint says about its own failure goes into our sentence, in characters. */
const MAX_SAID_CHARS = 300;

const Failed = z.object({ status: z.number(), headers: z.unknown() });
const Coded = z.object({ code: z.string() });

/** The failure of a call as one of ours. */
export function toLlmError(error: unknown, who: { provider: string; model: string }): LlmError {
  const { message, kind } = explain(error, who);
  const headers = Failed.safeParse(error).data?.headers;
  const retryAfterMs = headers instanceof Headers ? readRetryAfter(headers.get("retry-after"), Date.now()) : null;
  return new LlmError(message, { ...who, kind, retryAfterMs, cause: error });
}

function explain(error: unknown, { provider, model }: { provider: string; model: string }): { message: string; kind: LlmFailure } {
  const failed = Failed.safeParse(error);
  if (failed.success) {
    const { status } = failed.data;
    const said = messageOf(error).replace(/^\d{3}\s*/, "").slice(0, MAX_SAID_CHARS);
    const quoted = said && !/status code \(no body\)/.test(said) ? ` It said: ${said}` : "";
    if (status === 401 || status === 403) return { kind: "Refused", message: `${provider} refused the key (${status}). Check PENSTOCK_AI_API_KEY.${quoted}` };
    if (status === 404) return { kind: "Refused", message: `${provider} has no model "${model}" (404). Check PENSTOCK_AI_MODEL, and that PENSTOCK_AI_BASE_URL ends as the provider wants it, mostly in /v1.${quoted}` };
    if (status === 429) return { kind: "RateLimited", message: `${provider} has reached its rate limit (429). Wait, or run with fewer workers.${quoted}` };
    if (status >= 500) return { kind: "ServerError", message: `${provider} failed with a server error (${status}).${quoted}` };
    return { kind: "Refused", message: `${provider} refused the question (${status}).${quoted}` };
  }
  const chain = causes(error);
  const forbidden = chain.find((cause) => cause instanceof AppError && cause.code === "FORBIDDEN");
  if (forbidden) return { kind: "Refused", message: `${provider} was not asked. ${forbidden.message.replace(/^Not asked: /, "")}` };
  const tooLong = chain.find((cause) => cause instanceof AppError);
  if (tooLong) return { kind: "TooLarge", message: `${provider} was cut off: ${tooLong.message}.` };
  const code = chain.map((cause) => Coded.safeParse(cause)).find((parsed) => parsed.success)?.data?.code;
  if (code === "ECONNREFUSED") return { kind: "Unreachable", message: `Nothing listens at ${provider}. Start the model server there, or change PENSTOCK_AI_BASE_URL.` };
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return { kind: "Unreachable", message: `The name of ${provider} could not be looked up. Check PENSTOCK_AI_BASE_URL and the network.` };
  if (code === "ECONNRESET" || code === "UND_ERR_SOCKET") return { kind: "ConnectionLost", message: `${provider} broke the connection off in the middle of its answer.` };
  if (chain.some((cause) => cause instanceof SyntaxError)) return { kind: "NotACompletion", message: `${provider} answered with broken JSON. Is PENSTOCK_AI_BASE_URL the address of an OpenAI-compatible API, with its /v1?` };
  return { kind: "Unreachable", message: `${provider} could not be asked: ${messageOf(chain.at(-1) ?? error)}` };
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
