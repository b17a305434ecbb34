/** What goes wrong in the demo: errors as the real ones read, so that their causes are known (lib/causes/rules.ts). */
import type { Fault } from "./run.ts";

/** Where the demo's models answer: one OpenAI-compatible address for all of them. */
export const PROVIDER = "openrouter.ai";

export const FAULTS = {
  timeout: { errorClass: "LlmError", message: `${PROVIDER} timed out after 30 s.` },
  rateLimit: { errorClass: "LlmError", message: `${PROVIDER} refused (429): Rate limit reached: 200000 tokens per minute. Try again in 8.2 s.` },
  contextLength: { errorClass: "LlmError", message: `${PROVIDER} refused (400): This model's maximum context length is 128000 tokens, but the messages came to 131874 tokens.` },
  badAnswer: { errorClass: "LlmError", message: "The model's answer is not the JSON that was asked for: it ends in the middle of a text, at character 812." },
  overloaded: { errorClass: "LlmError", message: `${PROVIDER} had a server error (503): The model is overloaded.` },
  unreachable: { errorClass: "LlmError", message: `${PROVIDER} could not be reached: connect ECONNREFUSED 104.18.2.115:443.` },
  outOfMemory: { errorClass: "ERR_WORKER_OUT_OF_MEMORY", message: "Worker terminated due to reaching memory limit: JS heap out of memory" },
  deadlock: { errorClass: "DatabaseError", message: "deadlock detected (40P01)" },
  database: { errorClass: "DatabaseError", message: "terminating connection due to administrator command (57P01)" },
  charset: { errorClass: "RangeError", message: 'The "x-mac-cyrillic-old" encoding is not supported' },
  noCandles: { errorClass: "MarketDataError", message: "The feed had no candles for this symbol and timeframe, three times in a row" },
  orderRefused: { errorClass: "OrderRefused", message: "The broker refused the order: invalid stops (10016)" },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;

/** How long the provider is waited for, in milliseconds. */
export const TIMEOUT_MS = 30_000;
