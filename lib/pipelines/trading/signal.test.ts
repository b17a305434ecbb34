/** Signals by a real worker from real bars: every status from its cause, and the whole trace against the contract's list. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { TestDatabase } from "#lib/testing/database";
import { makeAccount, openDesk, outputOf, runStage, stepsOf } from "#lib/testing/trading";
import { setAgentSwitch, setKillSwitch, setRiskSettings } from "./desk.ts";
import { storeBars } from "./import-prices.ts";

/** Contract 1.3 in order; the three agents run at once, `vote_summary` and the checks by name of timeframe and strategy are ours. */
const DATA = ["account_loaded", "kill_switch_check", "rate_limit_check", "ohlcv_fetch", "indicators_computed", "hmm_regime", "positions_fetched", "signals_fetched", "risk_limit_pre_check"];
const AGENTS = ["market_analysis_llm", "indicator_agent_llm", "pattern_agent_llm", "trend_agent_llm", "vote_summary", "execution_decision_llm"];
const ORDER = ["kill_switch_check", "auto_trade_check", "lot_size_calculated", "order_built", "mt5_executed", "telegram_sent skip"];
const GATES = ["confidence_gate", "regime_gate", "journal_saved"];
const [BUYS, NO_QUORUM, UNSURE] = ["2017-03-15T00:00:00Z", "2018-01-29T00:00:00Z", "2016-06-08T00:00:00Z"];

let database: TestDatabase;
let account: number;
beforeAll(async () => {
  database = await openDesk();
  account = await makeAccount(database.ctx);
});
afterAll(() => database.drop());
afterEach(async () => {
  await setKillSwitch(database.ctx, { isActive: false, reason: "the test is over" });
  for (const agent of ["agent_pipeline", "indicator_agent", "pattern_agent", "trend_agent"] as const) await setAgentSwitch(database.ctx, { agent, isEnabled: true });
});
const signal = (params: Record<string, unknown> = {}) => runStage(database.ctx, "signal", { account, symbol: "AAPL", timeframe: "D1", ...params });
/** The agents run at once, so that their steps may come in any order. */
const inOrder = (steps: string[]) => steps.map((step) => (/^(indicator|pattern|trend)_agent_llm/.test(step) ? "agent" : step));

test("completed: an order was placed, with every step of the contract and every column of the seed", async () => {
  const mine = await makeAccount(database.ctx);
  const run = await signal({ account: mine, asOf: BUYS });
  expect(run).toMatchObject({ status: "completed", outcome: "BUY", itemsProcessed: 1, errorMessage: null });
  expect(inOrder(stepsOf(run))).toEqual(inOrder([...DATA, ...AGENTS, ...GATES, ...ORDER]));
  expect(new Set(stepsOf(run))).toEqual(new Set([...DATA, ...AGENTS, ...GATES, ...ORDER]));
  expect(run.trading).toMatchObject({ accountId: mine, symbol: "AAPL", timeframe: "D1", taskType: "signal", strategyId: null });
  expect(run.trading?.journalId).toBeGreaterThan(0);
  expect(run.trading?.tradeId).toBeGreaterThan(0);
  expect(run.subjects.map(({ key, value }) => `${key}=${value}`).sort()).toEqual([`account=${mine}`, "symbol=AAPL", "timeframe=D1"]);
  expect(outputOf(run, "ohlcv_fetch")).toEqual({ source: "database", candle_count: 500, current_price: 140.460007, at: "2017-03-15T00:00:00.000Z", gaps: 0, zero_volume_candles: 0 });
  expect(Object.keys(outputOf(run, "indicators_computed") ?? {}).sort()).toEqual(["atr_14", "bb_lower", "bb_upper", "candle_count", "ema_200", "ema_50", "macd", "macd_histogram", "recent_high", "recent_low", "rsi_14", "sma_20"]);
  expect(Object.keys(outputOf(run, "lot_size_calculated") ?? {}).sort()).toEqual(["balance", "effective_lot_size", "formula", "max_lot_size", "pip_value_per_lot", "risk_pct", "sl_pips"]);
  expect(outputOf(run, "mt5_executed")).toMatchObject({ success: true, paper_trade: true, filled: true });
  const journal = await database.db.aiJournal.findUniqueOrThrow({ where: { id: run.trading?.journalId ?? 0 } });
  expect(journal).toMatchObject({ signal: "BUY", llmProvider: "local", modelName: "local-analyser", tradeId: run.trading?.tradeId, symbol: "AAPL", timeframe: "D1" });
  const trade = await database.db.trade.findUniqueOrThrow({ where: { id: run.trading?.tradeId ?? 0 } });
  expect(trade).toMatchObject({ direction: "BUY", orderType: "market", orderStatus: "filled", entryPrice: 140.460007, isPaperTrade: true, source: "ai", openedAt: new Date(BUYS) });
  expect(trade.stopLoss).toBeLessThan(trade.entryPrice);
  expect(run.llmCalls.map(({ role }) => role).sort()).toEqual(["execution_decision", "indicator_agent", "market_analysis", "pattern_agent", "trend_agent"]);
  expect(run.llmCalls.every(({ stepId, accountId, provider, template }) => stepId !== null && accountId === mine && provider === "local" && template !== null)).toBe(true);
  expect(run.steps.every(({ inputJson, outputJson }) => (inputJson?.length ?? 0) + (outputJson?.length ?? 0) < 4_000)).toBe(true);
});

test("the same bars give the same analysis, whoever is asked when", async () => {
  const [first, second] = [await signal({ account: await makeAccount(database.ctx), asOf: BUYS }), await signal({ account: await makeAccount(database.ctx), asOf: BUYS })];
  for (const name of ["indicators_computed", "vote_summary", "execution_decision_llm", "order_built"]) expect(outputOf(second, name)).toEqual(outputOf(first, name));
});

test("hold: no quorum ends without the decision being asked for", async () => {
  const run = await signal({ asOf: NO_QUORUM });
  expect(run).toMatchObject({ status: "hold", outcome: "HOLD" });
  expect(inOrder(stepsOf(run))).toEqual(inOrder([...DATA, ...AGENTS.slice(0, -1), "execution_decision_llm skip", ...GATES, "kill_switch_check"]));
  expect(outputOf(run, "kill_switch_check")).toEqual({ active: false, skipped: "HOLD signal" });
  expect(outputOf(run, "vote_summary")).toMatchObject({ counts: { BUY: 1, SELL: 1, HOLD: 1 }, reached: false });
  expect(run.trading).toMatchObject({ journalId: expect.any(Number), tradeId: null });
});

test("hold: confidence below the threshold, a blocked regime, a risk limit", async () => {
  const unsure = await signal({ asOf: UNSURE });
  expect(unsure).toMatchObject({ status: "hold", outcome: "HOLD" });
  expect(outputOf(unsure, "confidence_gate")).toEqual({ action_before: "SELL", action_after: "HOLD" });

  await setRiskSettings(database.ctx, { blockedRegimes: { bullish: ["BUY"] } });
  const blocked = await signal({ account: await makeAccount(database.ctx), asOf: BUYS });
  expect(blocked.status).toBe("hold");
  expect(outputOf(blocked, "regime_gate")).toEqual({ action_out: "HOLD", blocked_by: "bullish" });

  await setRiskSettings(database.ctx, { blockedRegimes: {}, maxOpenPositions: 0 });
  const limited = await signal({ asOf: BUYS });
  await setRiskSettings(database.ctx, { maxOpenPositions: 5 });
  expect(limited).toMatchObject({ status: "hold", outcome: "HOLD", llmCalls: [] });
  expect(stepsOf(limited)).toEqual([...DATA, ...GATES, "kill_switch_check"]);
  expect(outputOf(limited, "risk_limit_pre_check")).toEqual({ blocked: true, reason: "Risk limit reached: 0 of 0 positions are open" });
  expect(await database.db.aiJournal.findUnique({ where: { id: limited.trading?.journalId ?? 0 } })).toMatchObject({ signal: "HOLD", confidence: 1, rationale: expect.stringMatching(/^Risk limit reached/) });
});

test("trades of a symbol within the window are bounded", async () => {
  const mine = await makeAccount(database.ctx);
  await setRiskSettings(database.ctx, { maxTradesPerSymbol: 1 });
  expect((await signal({ account: mine, asOf: BUYS })).status).toBe("completed");
  const second = await signal({ account: mine, asOf: BUYS });
  await setRiskSettings(database.ctx, { maxTradesPerSymbol: 3 });
  expect(outputOf(second, "risk_limit_pre_check")).toMatchObject({ reason: "Risk limit reached: 1 trades of AAPL in 24 h, 1 are allowed" });
  expect(outputOf(second, "positions_fetched")).toMatchObject({ count: 1 });
  expect(outputOf(second, "signals_fetched")).toMatchObject({ count: 1, signals: [{ signal: "BUY" }] });
});

test("skipped: automatic trading is off; the signal is in the journal", async () => {
  const run = await signal({ account: await makeAccount(database.ctx, { autoTradeEnabled: false }), asOf: BUYS });
  expect(run).toMatchObject({ status: "skipped", outcome: "BUY", reason: expect.stringMatching(/^Automatic trading is off/) });
  expect(inOrder(stepsOf(run))).toEqual(inOrder([...DATA, ...AGENTS, ...GATES, "kill_switch_check", "auto_trade_check skip"]));
  expect(run.trading).toMatchObject({ journalId: expect.any(Number), tradeId: null });
});

test("skipped: the kill switch comes on during the analysis", async () => {
  // The switch is turned by the journal row itself: after the analysis, before the second look.
  await database.db.$executeRawUnsafe(`create function halt() returns trigger language plpgsql as $$ begin insert into kill_switch_log (action, reason) values ('activated', 'test'); return null; end $$`);
  await database.db.$executeRawUnsafe("create trigger halt after insert on ai_journal for each row execute function halt()");
  const run = await signal({ account: await makeAccount(database.ctx), asOf: BUYS });
  await database.db.$executeRawUnsafe("drop function halt() cascade");
  expect(run).toMatchObject({ status: "skipped", outcome: "BUY", reason: expect.stringMatching(/^The kill switch was turned on/) });
  expect(stepsOf(run).at(-1)).toBe("kill_switch_check");
  expect(outputOf(run, "kill_switch_check")).toEqual({ active: true });
});

test("failed: each cause has its step that says why, and nothing else after it", async () => {
  const failures: [params: Record<string, unknown>, steps: string[], errorClass: string, message: RegExp][] = [
    [{ account: 999_999 }, ["account_loaded error"], "AccountMissing", /There is no account 999999/],
    [{ account: await makeAccount(database.ctx, { isActive: false }) }, ["account_loaded error"], "AccountMissing", /is not active/],
    [{ timeframe: "M7" }, [...DATA.slice(0, 3), "timeframe_check error"], "UnknownTimeframe", /no timeframe "M7". There is: M1/],
    [{ symbol: "NOBARS" }, [...DATA.slice(0, 3), "ohlcv_fetch error"], "NoCandles", /no D1 candles of NOBARS/],
    [{ asOf: "2013-05-20T00:00:00Z" }, [...DATA.slice(0, 3), "ohlcv_fetch error"], "NoCandles", /only 6 D1 candles/],
    [{ strategy: "nobody" }, ["account_loaded", "kill_switch_check", "strategy_loaded error"], "UnknownStrategy", /no strategy "nobody"/],
  ];
  for (const [params, steps, errorClass, message] of failures) {
    const run = await signal(params);
    expect([run.status, stepsOf(run), run.errorClass, run.outcome]).toEqual(["failed", steps, errorClass, null]);
    expect(run.errorMessage).toMatch(message);
    expect(run.steps.at(-1)?.error).toBe(run.errorMessage);
  }
  for (const more of [{ paperTradeEnabled: false }, { allowedSymbols: ["MSFT"] }]) {
    const run = await signal({ account: await makeAccount(database.ctx, more), asOf: BUYS });
    expect(run).toMatchObject({ status: "failed", errorClass: "OrderRefused", outcome: "BUY", trading: { journalId: expect.any(Number), tradeId: null } });
    expect(stepsOf(run).at(-1)).toBe("mt5_executed error");
  }
});

test("candles with gaps and without volume are analysed, and the step tells of both; none is a NaN", async () => {
  // Four days of ten are missing, every fourth has no volume, and prices stand still in the end.
  const bars = Array.from({ length: 120 }, (_, day) => day).filter((day) => day % 10 < 6).map((day) => {
    const close = day > 80 ? 50 : 50 + Math.sin(day / 5);
    return { symbol: "HOLES", timeframe: "D1" as const, at: new Date(Date.UTC(2016, 0, 1) + day * 86_400_000), open: close, high: close, low: close, close, volume: day % 4 === 0 ? 0 : 10 };
  });
  await storeBars(database.ctx, bars);
  const run = await signal({ symbol: "HOLES", asOf: "2016-06-01T00:00:00Z" });
  expect(["hold", "completed"]).toContain(run.status);
  const fetched = outputOf(run, "ohlcv_fetch") as { candle_count: number; gaps: number; zero_volume_candles: number };
  expect(fetched).toMatchObject({ candle_count: bars.length, zero_volume_candles: bars.filter(({ volume }) => volume === 0).length });
  expect(fetched.gaps).toBeGreaterThan(8);
  const figures = Object.values(outputOf(run, "indicators_computed") ?? {});
  expect(figures.length).toBeGreaterThan(5);
  expect(figures.every((value) => typeof value === "number" && Number.isFinite(value))).toBe(true);
  expect(run.steps.some(({ status }) => status === "error")).toBe(false);
});

test("failed: kill switch at the start, and an eleventh analysis within a minute", async () => {
  await setKillSwitch(database.ctx, { isActive: true, reason: "maintenance of the desk" });
  const halted = await signal();
  expect([halted.status, stepsOf(halted), halted.errorMessage]).toEqual(["failed", ["account_loaded", "kill_switch_check error"], "Kill switch is active - trading halted: maintenance of the desk"]);
  await setKillSwitch(database.ctx, { isActive: false, reason: "done" });
  const mine = await makeAccount(database.ctx);
  await database.db.accountCallWindow.create({ data: { accountId: mine, calls: 10 } });
  const limited = await signal({ account: mine });
  expect([limited.status, stepsOf(limited), limited.errorClass]).toEqual(["failed", ["account_loaded", "kill_switch_check", "rate_limit_check error"], "RateLimited"]);
  await database.db.accountCallWindow.update({ where: { accountId: mine }, data: { startedAt: new Date(Date.now() - 61_000) } });
  expect((await signal({ account: mine, asOf: NO_QUORUM })).status).toBe("hold");
});

test("agents are switched off one by one: their weight goes to the others; without them all the analysis decides", async () => {
  await setAgentSwitch(database.ctx, { agent: "pattern_agent", isEnabled: false });
  const run = await signal({ account: await makeAccount(database.ctx), asOf: BUYS });
  expect(stepsOf(run)).toContain("pattern_agent_llm skip");
  expect(outputOf(run, "vote_summary")).toMatchObject({ missing: ["pattern_agent"], votes: [{ agent: "indicator_agent", weight: 0.6154 }, { agent: "trend_agent", weight: 0.3846 }] });
  await setAgentSwitch(database.ctx, { agent: "agent_pipeline", isEnabled: false });
  const alone = await signal({ account: await makeAccount(database.ctx), asOf: BUYS });
  expect(stepsOf(alone).filter((step) => step.includes("_llm"))).toEqual(["market_analysis_llm", "execution_decision_llm"]);
  expect(alone).toMatchObject({ status: "completed", outcome: "BUY" });
});

test("strategies: a rule that speaks asks nobody, one that fails or is silent leaves it to the agents, news may veto", async () => {
  const { db } = database;
  const make = (name: string, executionMode: string, className: string, more: { newsFilter?: boolean } = {}) => db.strategy.create({ data: { name, strategyType: "code", executionMode, className, newsFilter: false, ...more } });
  const breakout = await make("Breakout", "rule_only", "Breakout");
  await make("Cross", "rule_then_llm", "SmaCross");
  await make("Agents with news", "multi_agent", "none", { newsFilter: true });
  const ruled = await signal({ account: await makeAccount(database.ctx), strategy: "Breakout", asOf: BUYS });
  expect(ruled).toMatchObject({ llmCalls: [], trading: { strategyId: breakout.id } });
  expect(stepsOf(ruled)).toContain("rate_limit_check skip");
  expect(outputOf(ruled, "rule_signal")).toMatchObject({ strategy: "Breakout", action: "BUY" });
  expect(await db.aiJournal.findUnique({ where: { id: ruled.trading?.journalId ?? 0 } })).toMatchObject({ llmProvider: "rule_based", modelName: "Breakout", strategyId: breakout.id });
  const silent = await signal({ account: await makeAccount(database.ctx), strategy: "Cross", asOf: BUYS });
  expect(outputOf(silent, "rule_signal")).toMatchObject({ action: null });
  expect(silent.llmCalls).toHaveLength(5);
  await db.newsEvent.createMany({ data: [{ symbol: "AAPL", at: new Date("2017-03-14T20:00:00Z"), title: "Apple warns of weak sales" }] });
  const vetoed = await signal({ account: await makeAccount(database.ctx), strategy: "Agents with news", asOf: BUYS });
  expect(vetoed).toMatchObject({ status: "hold", outcome: "HOLD" });
  expect(stepsOf(vetoed)).toEqual(expect.arrayContaining(["news_fetch", "news_analysis", "execution_decision_llm", "news_filter_blocked"]));
  expect(vetoed.llmCalls.map(({ role }) => role)).toContain("news_analysis");

  await db.strategy.delete({ where: { id: breakout.id } });
  expect(await db.tradingRun.findUnique({ where: { runId: ruled.id } })).toMatchObject({ strategyId: null });
  expect(await db.trade.findUnique({ where: { id: ruled.trading?.tradeId ?? 0 } })).toMatchObject({ strategyId: null });
});

test("deleting a run deletes its steps and keeps its calls without it", async () => {
  const run = await signal({ asOf: NO_QUORUM });
  await database.db.run.delete({ where: { id: run.id } });
  expect(await database.db.runStep.count({ where: { runId: run.id } })).toBe(0);
  expect(await database.db.tradingRun.count({ where: { runId: run.id } })).toBe(0);
  const calls = await database.db.llmCall.findMany({ where: { id: { in: run.llmCalls.map(({ id }) => id) } } });
  expect(calls).toHaveLength(run.llmCalls.length);
  expect(calls.every(({ runId, stepId }) => runId === null && stepId === null)).toBe(true);
});
