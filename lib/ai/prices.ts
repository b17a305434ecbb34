/**
 * US dollars per million tokens, `[input, output]`, from the makers' public price lists in 2025.
 * A model that is not here costs `null`: unknown is not free. Prefixes of a router ("openai/gpt-4o") and a date at the end do not matter.
 */
const PRICES: Record<string, [input: number, output: number]> = {
  "gpt-5": [1.25, 10],
  "gpt-5-mini": [0.25, 2],
  "gpt-5-nano": [0.05, 0.4],
  "gpt-4.1": [2, 8],
  "gpt-4.1-mini": [0.4, 1.6],
  "gpt-4.1-nano": [0.1, 0.4],
  "gpt-4o": [2.5, 10],
  "gpt-4o-mini": [0.15, 0.6],
  "o3": [2, 8],
  "o4-mini": [1.1, 4.4],
  "claude-opus-4-1": [15, 75],
  "claude-sonnet-4": [3, 15],
  "claude-sonnet-4-5": [3, 15],
  "claude-haiku-4-5": [1, 5],
  "claude-3-5-haiku": [0.8, 4],
  "gemini-2.5-pro": [1.25, 10],
  "gemini-2.5-flash": [0.3, 2.5],
  "gemini-2.5-flash-lite": [0.1, 0.4],
};

/** The cost column holds ten digits, eight of them decimals. */
const MAX_COST_USD = 99.99;

/** What a call cost in US dollars; null when the model has no known price or the provider counted no tokens. */
export function costOf(model: string, inputTokens: number | null, outputTokens: number | null): number | null {
  const name = model.toLowerCase().replace(/^.*\//, "").replace(/-(\d{8}|\d{4}-\d{2}-\d{2}|latest)$/, "");
  const price = Object.hasOwn(PRICES, name) ? PRICES[name] : undefined;
  if (!price || inputTokens === null || outputTokens === null) return null;
  return Math.min((inputTokens * price[0] + outputTokens * price[1]) / 1_000_000, MAX_COST_USD);
}
