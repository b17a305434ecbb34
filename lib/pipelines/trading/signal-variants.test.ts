/** What a strategy, a group of accounts and a market that moves away change of a signal's steps; from real bars. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { TestDatabase } from "#lib/testing/database";
import { type Asked, type Behaviour, type FakeProvider, say, startFakeProvider } from "#lib/testing/fake-provider";
import { endOf, makeAccount, openDesk, outputOf, runStage, stepsOf } from "#lib/testing/trading";
import { setAgentSwitch, setRiskSettings } from "./desk.ts";
import { storeBars } from "./import-prices.ts";

const BUYS = "2017-03-15T00:00:00Z";
let database: TestDatabase;
beforeAll(async () => { database = await openDesk(); });
afterAll(() => database.drop());
const signal = async (params: Record<string, unknown> = {}) => runStage(database.ctx, "signal", { account: await makeAccount(database.ctx), symbol: "AAPL", timeframe: "D1", asOf: BUYS, ...params });
const makeStrategy = (name: string, more: { skipHours?: number[]; skipHoursTimezone?: string; contextTfs?: string[] }) => database.db.strategy.create({ data: { name, executionMode: "multi_agent", newsFilter: false, ...more } });

test("a strategy does not trade in the hours that it skips, by the clock of its own zone", async () => {
  await makeStrategy("Sleeps", { skipHours: [20, 21], skipHoursTimezone: "America/New_York" });
  const run = await signal({ strategy: "Sleeps" });
  // Midnight UTC in March is 20:00 in New York.
  expect(run).toMatchObject({ status: "skipped", outcome: "HOLD", reason: "Strategy Sleeps does not trade in the hour from 20:00 (America/New_York)", llmCalls: [] });
  expect(stepsOf(run)).toEqual(["account_loaded", "kill_switch_check", "strategy_loaded", "skip_hours_check"]);
  expect((await signal({ strategy: "Sleeps", asOf: "2017-03-15T12:00:00Z" })).status).toBe("completed");
  await makeStrategy("Lost", { skipHours: [3], skipHoursTimezone: "Mars/Olympus" });
  expect(await signal({ strategy: "Lost" })).toMatchObject({ status: "failed", errorMessage: expect.stringContaining('the time zone "Mars/Olympus", which is not known') });
});

test("the other timeframes of a strategy are told to the analyst, and none of them knows what comes later", async () => {
  const weeks = Array.from({ length: 60 }, (_, n) => ({ symbol: "AAPL", timeframe: "W1" as const, at: new Date(Date.UTC(2016, 1, 1) + n * 7 * 86_400_000), open: 100 + n, high: 101 + n, low: 99 + n, close: 100.5 + n, volume: 10 }));
  await storeBars(database.ctx, weeks);
  await makeStrategy("Looks around", { contextTfs: ["W1", "H4", "D1"] });
  const run = await signal({ strategy: "Looks around" });
  const context = outputOf(run, "context_timeframes");
  // The week of 13 March is still open on the 15th.
  expect(context).toMatchObject({ W1: { at: "2017-03-06T00:00:00.000Z", close: 157.5, candle_count: 58 }, H4: { candle_count: 0, note: "fewer than 30 candles" } });
  expect(Object.keys(context ?? {})).not.toContain("D1");
  expect(run.llmCalls.find(({ role }) => role === "market_analysis")?.prompt).toContain('"other_timeframes":{"W1":{"candle_count":58');
});

test("the regime of the hidden Markov model is in the trace, and may forbid a direction", async () => {
  const run = await signal();
  const regime = outputOf(run, "hmm_regime") as { regime: "trending_up"; state: number; confidence: number };
  expect(regime.confidence).toBeGreaterThan(0.33);
  await setRiskSettings(database.ctx, { blockedRegimes: { [regime.regime]: ["BUY"] } });
  const blocked = await signal();
  await setRiskSettings(database.ctx, { blockedRegimes: {} });
  expect(blocked.status).toBe("hold");
  expect(outputOf(blocked, "regime_gate")).toEqual({ action_out: "HOLD", blocked_by: regime.regime });
});

test("accounts that follow another reuse its signal: no data, no model, no rate; each has its journal row and order", async () => {
  const primary = await makeAccount(database.ctx);
  const follower = await makeAccount(database.ctx);
  await database.db.account.update({ where: { id: follower }, data: { primaryAccountId: primary } });
  const run = await signal({ account: primary });
  expect(run.status).toBe("completed");
  const { run: sharedId } = outputOf(run, "signal_shared") as { run: number };
  const shared = await endOf(database.ctx, sharedId);
  expect(shared).toMatchObject({ status: "completed", outcome: "BUY", llmCalls: [], trading: { accountId: follower } });
  expect(stepsOf(shared)).toEqual(["account_loaded", "kill_switch_check", "shared_signal_received", "journal_saved", "kill_switch_check", "auto_trade_check", "lot_size_calculated", "order_built", "mt5_executed", "telegram_sent skip"]);
  const journal = (id: number | null | undefined) => database.db.aiJournal.findUniqueOrThrow({ where: { id: id ?? 0 } });
  const [own, theirs] = [await journal(run.trading?.journalId), await journal(shared.trading?.journalId)];
  expect(theirs).toMatchObject({ accountId: follower, signal: own.signal, confidence: own.confidence, rationale: own.rationale, llmProvider: "group_llm", modelName: "shared" });
  expect(outputOf(shared, "order_built")).toEqual(outputOf(run, "order_built"));
  expect(await database.db.accountCallWindow.count({ where: { accountId: follower } })).toBe(0);

  const stranger = await makeAccount(database.ctx);
  const refused = await signal({ account: stranger, shared: own.id });
  expect(refused).toMatchObject({ status: "failed", errorClass: "SharedSignalMissing" });
});

describeEndpoint();
function describeEndpoint(): void {
  let provider: FakeProvider;
  const vote = { direction: "BUY", confidence_score: 0.9 };
  const reading = { value: 50, signal: "bullish" };
  const pattern = { pattern: "flag", completion_state: "complete", confidence: "high", bias: "bullish", ...vote };
  const answers: Record<string, unknown> = {
    "market analyst": { trend: "bullish", trend_strength: 0.8, key_support: 130, key_resistance: 145, volatility: "low", context_notes: "Up." },
    "indicator analyst": { rsi: reading, macd: reading, stochastic: reading, roc: reading, willr: reading, overall: "bullish", confidence: "high", ...vote },
    "chart pattern analyst": pattern,
    "who reads charts": pattern,
    "trendline analyst": { trendline_structure: "rising", price_position: "mid_range", trend_prediction: "upward", key_levels: { support: 130, resistance: 145 }, confidence: "high", ...vote },
  };
  const decide = (signal: string, entry: number | null) => ({ signal, confidence: 0.85, justification: "All agree.", risk_reward_ratio: 1.5, suggested_entry: entry, invalidation_condition: "a close below 130", forecast_horizon: "10 bars" });
  const answer = (decisions: unknown[]) => (asked: Asked): Behaviour => {
    const who = Object.keys(answers).find((name) => asked.system.includes(name));
    return say(who ? answers[who] : decisions.length > 1 ? decisions.shift() : decisions[0]);
  };
  beforeEach(async () => {
    provider = await startFakeProvider();
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await provider.close();
    await setAgentSwitch(database.ctx, { agent: "agent_pipeline", isEnabled: true });
  });
  const configure = (images: boolean) => { for (const [name, value] of Object.entries({ ...provider.environment(), PENSTOCK_AI_ATTEMPTS: "1", PENSTOCK_AI_IMAGES: String(images) })) vi.stubEnv(name, value); };

  test("an order whose price the market has left is decided on once more; a second time it fails", async () => {
    configure(false);
    // To buy cheaper than now at a price above it: the market has fallen below the entry.
    provider.behave(answer([decide("BUY_LIMIT", 150), decide("BUY", null)]));
    const run = await signal();
    expect(run).toMatchObject({ status: "completed", outcome: "BUY" });
    const steps = stepsOf(run);
    const retryAt = steps.indexOf("stale_entry_retry");
    expect(steps.slice(retryAt - 1, retryAt + 2)).toEqual(["mt5_executed error", "stale_entry_retry", "ohlcv_fetch"]);
    expect(steps.slice(-2)).toEqual(["mt5_executed", "telegram_sent skip"]);
    const rows = await database.db.aiJournal.findMany({ where: { accountId: run.trading?.accountId ?? 0 }, orderBy: { id: "asc" } });
    expect(rows.map(({ signal: said, tradeId }) => [said, tradeId !== null])).toEqual([["BUY_LIMIT", false], ["BUY", true]]);
    expect(run.trading?.journalId).toBe(rows[1]?.id);

    provider.behave(answer([decide("BUY_LIMIT", 150)]));
    const stuck = await signal();
    expect(stuck).toMatchObject({ status: "failed", errorClass: "OrderRefused", errorMessage: expect.stringMatching(/^Invalid price/) });
    expect(stepsOf(stuck).filter((step) => step === "mt5_executed error")).toHaveLength(2);
  });

  test("without agents a model that takes pictures is shown the chart once; others are not", async () => {
    configure(true);
    await setAgentSwitch(database.ctx, { agent: "agent_pipeline", isEnabled: false });
    provider.behave(answer([decide("BUY", null)]));
    const run = await signal();
    expect(stepsOf(run).filter((step) => step.includes("_llm"))).toEqual(["market_analysis_llm", "chart_vision_llm", "execution_decision_llm"]);
    expect(run.llmCalls.map(({ role }) => role)).toContain("chart_vision");
    expect(provider.asked.filter(({ images }) => images.length > 0)).toHaveLength(1);
    expect(provider.asked.at(-1)?.prompt).toContain("chart_vision");
    configure(false);
    expect(stepsOf(await signal())).not.toContain("chart_vision_llm");
  });
}
