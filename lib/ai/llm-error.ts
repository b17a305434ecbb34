/** Why a question to a model got no usable answer. Pure. */

/** What kind of failure it was: the class under which it is counted and grouped. */
export const LLM_FAILURES = ["RateLimited", "ServerError", "ConnectionLost", "Unreachable", "TimedOut", "Refused", "TooLarge", "NotACompletion", "Unfit", "CircuitOpen"] as const;
export type LlmFailure = (typeof LLM_FAILURES)[number];

/** Of an answer: what came back although it could not be used. */
export type Counted = { inputTokens: number | null; cachedTokens: number | null; outputTokens: number | null; reasoningTokens: number | null; totalTokens: number | null };

type More = { provider: string; model: string; kind: LlmFailure; responseRaw?: string | null; retryAfterMs?: number | null; cause?: unknown };

/** A question that got no usable answer, and why, in a sentence. */
export class LlmError extends Error {
  readonly provider: string;
  readonly model: string;
  readonly kind: LlmFailure;
  /** What the endpoint did say, if it said anything. */
  readonly responseRaw: string | null;
  /** How long the endpoint wants to be left alone, in milliseconds. */
  readonly retryAfterMs: number | null;

  constructor(message: string, { provider, model, kind, responseRaw, retryAfterMs, cause }: More) {
    super(message, { cause });
    this.name = "LlmError";
    this.provider = provider;
    this.model = model;
    this.kind = kind;
    this.responseRaw = responseRaw ?? null;
    this.retryAfterMs = retryAfterMs ?? null;
  }
}

/** Whether the endpoint itself is ill, as opposed to busy, or to what it was asked. */
export const isEndpointFault = (error: unknown): boolean => error instanceof LlmError && ["ServerError", "ConnectionLost", "Unreachable", "TimedOut"].includes(error.kind);

/** Whether the same question may meet a better moment. A timeout may not: it has been waited for, and may have been paid. */
export const isRetryable = (error: unknown): error is LlmError => error instanceof LlmError && ["RateLimited", "ServerError", "ConnectionLost"].includes(error.kind);

/** Waits between attempts, in milliseconds. */
const BASE_MS = 500;
const MOST_MS = 8_000;

/**
 * How long to wait before attempt `attempt + 1`, in milliseconds: what the endpoint asked for, else `min(8 s, 500 ms · 2^(attempt - 1))`
 * with full jitter (M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
 *
 * @param attempt attempts already made, ≥ 1
 * @param random uniform in [0, 1)
 */
export function retryDelayMs(error: LlmError, attempt: number, random: number): number {
  return error.retryAfterMs ?? Math.round(random * Math.min(MOST_MS, BASE_MS * 2 ** (attempt - 1)));
}

/** A `Retry-After` header (seconds, or a date) in milliseconds; null when it says nothing readable. */
export function readRetryAfter(header: string | null | undefined, now: number): number | null {
  if (!header) return null;
  if (/^\d{1,7}(\.\d+)?$/.test(header.trim())) return Math.round(Number(header) * 1_000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
