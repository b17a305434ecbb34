/** Agents that are asked at an endpoint: prose, half a JSON, a confidence of 7, silence, refusals. One that fails never fails the run. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { TestDatabase } from "#lib/testing/database";
import { type Asked, type Behaviour, type FakeProvider, halfJson, otherLanguage, prose, rateLimited, say, serverError, startFakeProvider } from "#lib/testing/fake-provider";
import { makeAccount, openDesk, outputOf, runStage, stepsOf } from "#lib/testing/trading";

let database: TestDatabase;
let provider: FakeProvider;
beforeAll(async () => { database = await openDesk(); });
afterAll(() => database.drop());
beforeEach(async () => {
  // One of its own for each test, so that one's failures do not open the circuit for the next.
  provider = await startFakeProvider();
  for (const [name, value] of Object.entries({ ...provider.environment(), PENSTOCK_AI_ATTEMPTS: "1", PENSTOCK_AI_TIMEOUT_MS: "3000", PENSTOCK_AI_IMAGES: "false" })) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await provider.close();
});

const vote = { direction: "BUY", confidence_score: 0.9 };
const reading = { value: 50, signal: "bullish" };
const GOOD: Record<string, unknown> = {
  "market analyst": { trend: "bullish", trend_strength: 0.8, key_support: 130, key_resistance: 145, volatility: "low", context_notes: "Up." },
  "indicator analyst": { rsi: reading, macd: reading, stochastic: reading, roc: reading, willr: reading, overall: "bullish", confidence: "high", ...vote },
  "chart pattern analyst": { pattern: "flag", completion_state: "complete", confidence: "high", bias: "bullish", ...vote },
  "trendline analyst": { trendline_structure: "rising", price_position: "mid_range", trend_prediction: "upward", key_levels: { support: 130, resistance: 145 }, confidence: "high", ...vote },
  "the one who decides of": { signal: "BUY", confidence: 0.85, justification: "All agree.", risk_reward_ratio: 1.5, suggested_entry: null, invalidation_condition: "a close below 130", forecast_horizon: "10 bars" },
};
const whoOf = ({ system }: Asked): string => Object.keys(GOOD).find((who) => system.includes(who)) ?? "";
/** Everyone answers well but for these. */
const except = (bad: Record<string, Behaviour>) => (asked: Asked): Behaviour => bad[whoOf(asked)] ?? say(GOOD[whoOf(asked)]);
const signal = async (more: Record<string, unknown> = {}) => runStage(database.ctx, "signal", { account: await makeAccount(database.ctx), symbol: "AAPL", asOf: "2017-03-15T00:00:00Z", ...more });

test("with an endpoint the same prompts go to the model, and its answers decide", async () => {
  provider.behave(except({}));
  const run = await signal();
  expect(run).toMatchObject({ status: "completed", outcome: "BUY" });
  expect(provider.asked).toHaveLength(5);
  expect(provider.asked.map(whoOf).sort()).toEqual(Object.keys(GOOD).sort());
  expect(provider.asked[0]?.prompt).toContain("SYMBOL AAPL (D1)\nPRICE 140.460007 at 2017-03-15T00:00:00.000Z");
  expect(provider.asked.flatMap(({ images }) => images)).toEqual([]);
  expect(run.llmCalls.every(({ provider: name, model, inputTokens }) => name === provider.host && model === "gpt-4o-mini" && inputTokens === 1_000)).toBe(true);
  expect(await database.db.aiJournal.findUnique({ where: { id: run.trading?.journalId ?? 0 } })).toMatchObject({ llmProvider: provider.host, modelName: "gpt-4o-mini", confidence: 0.85 });
});

test("a model that takes pictures gets the charts, as real PNG", async () => {
  vi.stubEnv("PENSTOCK_AI_IMAGES", "true");
  provider.behave(except({}));
  const run = await signal();
  const pictures = provider.asked.filter(({ images }) => images.length > 0);
  expect(pictures.map(whoOf).sort()).toEqual(["chart pattern analyst", "trendline analyst"]);
  for (const { images } of pictures) {
    const bytes = Buffer.from(images[0]?.replace("data:image/png;base64,", "") ?? "", "base64");
    expect(bytes.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([800, 450]);
    expect(bytes.length).toBeGreaterThan(3_000);
  }
  expect(run.status).toBe("completed");
});

const BROKEN: [name: string, how: Behaviour, fault: string][] = [
  ["prose", prose(), "parse_failed"],
  ["half a JSON", halfJson(), "parse_failed"],
  ["another language", otherLanguage(), "parse_failed"],
  ["a confidence of 7", say({ ...(GOOD["trendline analyst"] as object), confidence_score: 7 }), "parse_failed"],
  ["a server error", serverError(), "pipeline_error"],
  ["a rate limit", rateLimited("1"), "pipeline_error"],
  ["silence", { kind: "silent" }, "pipeline_error"],
  ["a connection that breaks", { kind: "reset" }, "pipeline_error"],
  ["an answer without end", { kind: "flood", bytes: 200_000_000 }, "pipeline_error"],
];
test.each(BROKEN)("%s from one agent is its fallback, seen in the trace, and the others decide", async (_, how, fault) => {
  provider.behave(except({ "trendline analyst": how }));
  const run = await signal();
  expect(run).toMatchObject({ status: "completed", outcome: "BUY" });
  expect(stepsOf(run)).toContain("trend_agent_llm error");
  const input = JSON.parse(run.steps.find(({ stepName }) => stepName === "vote_summary")?.inputJson ?? "{}");
  expect(input.trend_agent).toEqual({ direction: "HOLD", confidence: 0, error: fault });
  expect(outputOf(run, "vote_summary")).toMatchObject({ counts: { BUY: 2, SELL: 0, HOLD: 1 }, reached: true });
  expect(run.llmCalls.filter(({ role, status }) => role === "trend_agent" && status === "error").length).toBeGreaterThan(0);
});

test("a failed decision is HOLD with no confidence; a failed analysis leaves the context out", async () => {
  provider.behave(except({ "the one who decides of": prose() }));
  const undecided = await signal();
  expect(undecided).toMatchObject({ status: "hold", outcome: "HOLD" });
  expect(stepsOf(undecided)).toContain("execution_decision_llm error");
  expect(await database.db.aiJournal.findUnique({ where: { id: undecided.trading?.journalId ?? 0 } })).toMatchObject({ confidence: 0, rationale: "The decision failed: parse_failed." });
  provider.behave(except({ "market analyst": halfJson() }));
  const blind = await signal();
  expect(blind.status).toBe("completed");
  expect(provider.asked.findLast((asked) => whoOf(asked) === "the one who decides of")?.prompt).toContain("MARKET CONTEXT not available");
});

test("an endpoint that is away for all of them ends in hold, not in failure", async () => {
  provider.behave(serverError(503));
  const run = await signal();
  expect(run).toMatchObject({ status: "hold", outcome: "HOLD" });
  expect(stepsOf(run).filter((step) => step.endsWith(" error"))).toHaveLength(4);
});

test("a budget that is spent stops the run, with the reason", async () => {
  vi.stubEnv("PENSTOCK_AI_RUN_BUDGET_USD", "0.0001");
  provider.behave(except({}));
  const run = await signal();
  expect(run).toMatchObject({ status: "failed", errorClass: "BudgetSpent" });
  expect(run.trading?.tradeId).toBeNull();
});

test("each agent may have a model of its own, at an endpoint of its own; one that nobody knows ends the run at once, with a step that says so", async () => {
  const second = await startFakeProvider();
  const folder = mkdtempSync(join(tmpdir(), "penstock-agents-"));
  const path = join(folder, "models.yaml");
  writeFileSync(path, `- name: big\n  baseUrl: ${second.url}\n  model: qwen3:72b\n  images: true\n- name: small\n  baseUrl: ${provider.url}\n  model: tiny\n`);
  vi.stubEnv("PENSTOCK_MODELS", path);
  provider.behave(except({}));
  second.behave(except({}));
  try {
    const run = await signal({ models: "small, execution_decision=big,trend_agent=big" });
    expect(run).toMatchObject({ status: "completed", outcome: "BUY" });
    expect(Object.fromEntries(run.llmCalls.map(({ role, provider: host, model }) => [role, `${host} ${model}`]))).toEqual({
      market_analysis: `${provider.host} tiny`, indicator_agent: `${provider.host} tiny`, pattern_agent: `${provider.host} tiny`, trend_agent: `${second.host} qwen3:72b`, execution_decision: `${second.host} qwen3:72b`,
    });
    // Whether an agent is shown the chart is for its own model to say.
    expect([provider, second].map(({ asked }) => asked.flatMap(({ images }) => images).length)).toEqual([0, 1]);
    expect(await database.db.aiJournal.findUnique({ where: { id: run.trading?.journalId ?? 0 } })).toMatchObject({ llmProvider: second.host, modelName: "qwen3:72b" });
    const lost = await signal({ models: "trend_agent=huge" });
    expect([lost.status, lost.errorClass, stepsOf(lost).at(-1), lost.llmCalls]).toEqual(["failed", "UnknownModel", "models_check error", []]);
    expect(lost.errorMessage).toBe('There is no model "huge". There is: gpt-4o-mini, big, small.');
    await expect(signal({ models: "trendy_agent=big" })).rejects.toThrow(/names an agent that there is not, "trendy_agent"/);
  } finally {
    await second.close();
    rmSync(folder, { recursive: true });
  }
});
