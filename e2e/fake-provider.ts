/**
 * An OpenAI-compatible endpoint for tests, on loopback: `node fake-provider.ts <port>`.
 * `PUT /mode` says how it behaves from then on: `sane`, `nonsense` (no JSON), `refuse` (500), `slow` (sane, a second an answer).
 */
import { createServer, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const MODES = ["sane", "nonsense", "refuse", "slow"] as const;
type Mode = (typeof MODES)[number];
let mode: Mode = "sane";

const CLASSIFICATION = { industry: "software", company_size: "small", sophistication: 5, intent: "newsletter", relationship: "vendor", confidence: 0.8, summary: "A made-up answer." };
const DRAFT = { subject: "About our last talk", body: "Hello,\n\nI would like to pick this up again.\n\nBest regards" };
const BUY = { direction: "BUY", confidence_score: 0.9, confidence: "high" };
const reading = { value: 1, signal: "bullish" };
/** What each analyst of the trading desk answers, by what its system prompt calls it: all of them would buy. */
const ANALYSTS: [called: string, answer: object][] = [
  ["the market analyst of", { trend: "bullish", trend_strength: 0.8, key_support: 90, key_resistance: 130, volatility: "low", context_notes: "It rises." }],
  ["the indicator analyst of", { rsi: reading, macd: reading, stochastic: reading, roc: reading, willr: reading, overall: "bullish", ...BUY }],
  ["the chart pattern analyst of", { pattern: "flag", completion_state: "complete", bias: "bullish", ...BUY }],
  ["the trendline analyst of", { trendline_structure: "Two rising lines", price_position: "mid_range", trend_prediction: "upward", key_levels: { support: 90, resistance: 130 }, ...BUY }],
  ["the one who decides of a trading desk", { signal: "BUY", confidence: 0.85, justification: "All three would buy.", risk_reward_ratio: 1.5, suggested_entry: null, invalidation_condition: "A close below support", forecast_horizon: "a week" }],
];

createServer(async (request, response) => {
  const body = await read(request);
  if (request.url === "/mode") {
    const wanted = MODES.find((known) => known === body);
    if (wanted) mode = wanted;
    response.end(mode);
    return;
  }
  if (mode === "refuse") {
    response.writeHead(500, { "content-type": "application/json" }).end('{"error":{"message":"the model is away"}}');
    return;
  }
  if (mode === "slow") await sleep(1_000);
  const analyst = ANALYSTS.find(([called]) => body.includes(called))?.[1];
  const content = mode === "nonsense" ? "I would rather not say." : JSON.stringify(analyst ?? (body.includes("company_size") ? CLASSIFICATION : DRAFT));
  const answer = { id: "1", object: "chat.completion", created: 0, model: "fake-1", choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
}).listen(Number(process.argv[2]), "127.0.0.1");

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
