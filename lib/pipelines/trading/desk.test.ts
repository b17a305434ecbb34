/** Fills, lots, votes and constraints by their rules; then positions reviewed by a real worker. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestDatabase } from "#lib/testing/database";
import { endOf, makeAccount, openDesk, outputOf, runStage, stepsOf } from "#lib/testing/trading";
import type { IndicatorReport, Reports } from "./agents.ts";
import { loadAccount, markTrades, placeOrder, readBalance } from "./broker.ts";
import { setKillSwitch, setRiskSettings, tickRate } from "./desk.ts";
import { type OpenTrade, walkBars } from "./fills.ts";
import { profitOf, sizeLot } from "./instruments.ts";
import { findBreach, type PositionState } from "./maintenance.ts";
import { computeIndicators } from "./indicators.ts";
import { countVotes, shareWeights } from "./votes.ts";

let database: TestDatabase;
beforeAll(async () => { database = await openDesk(); });
afterAll(() => database.drop());

const at = (day: number) => new Date(Date.UTC(2024, 0, day));
const bar = (day: number, open: number, high: number, low: number, close: number) => ({ at: at(day), open, high, low, close, volume: 1 });
const long: OpenTrade = { direction: "BUY", orderType: "market", orderStatus: "filled", entryPrice: 100, stopLoss: 95, takeProfit: 110, openedAt: at(1), expiresAt: null };
const pending = (orderType: string, entryPrice: number, more: Partial<OpenTrade> = {}): OpenTrade => ({ ...long, orderType, entryPrice, orderStatus: "pending", ...more });

test("stops and targets fill at their price, at the open beyond it, and the stop first when a bar reaches both", () => {
  expect(walkBars(long, [bar(2, 100, 104, 96, 101)])).toMatchObject({ closePrice: null, markedAt: at(2) });
  expect(walkBars(long, [bar(2, 100, 104, 94, 101)])).toMatchObject({ closePrice: 95, closedAt: at(2), closeReason: "stop_loss" });
  expect(walkBars(long, [bar(2, 93, 94, 90, 92)])).toMatchObject({ closePrice: 93 });
  expect(walkBars(long, [bar(2, 109, 112, 105, 111)])).toMatchObject({ closePrice: 110, closeReason: "take_profit" });
  expect(walkBars(long, [bar(2, 113, 114, 112, 113)])).toMatchObject({ closePrice: 113 });
  expect(walkBars(long, [bar(2, 100, 120, 90, 100)])).toMatchObject({ closePrice: 95 });
  expect(walkBars({ ...long, direction: "SELL", stopLoss: 105, takeProfit: 90 }, [bar(2, 100, 104, 89, 92)])).toMatchObject({ closePrice: 90 });
});

test("pending orders fill on the bar that reaches them, or expire; on that bar only the stop counts", () => {
  expect(walkBars(pending("limit", 98), [bar(2, 100, 104, 99, 101)])).toMatchObject({ orderStatus: "pending" });
  expect(walkBars(pending("limit", 98), [bar(2, 100, 115, 97, 112)])).toMatchObject({ orderStatus: "filled", entryPrice: 98, closePrice: null, openedAt: at(2) });
  expect(walkBars(pending("limit", 98), [bar(2, 96, 97, 94, 96)])).toMatchObject({ orderStatus: "filled", entryPrice: 96, closePrice: 95, closeReason: "stop_loss" });
  expect(walkBars(pending("stop", 103), [bar(2, 100, 104, 99, 101)])).toMatchObject({ orderStatus: "filled", entryPrice: 103 });
  expect(walkBars(pending("stop", 103), [bar(2, 105, 106, 104, 105)])).toMatchObject({ entryPrice: 105 });
  expect(walkBars(pending("limit", 104, { direction: "SELL", stopLoss: 108, takeProfit: 98 }), [bar(2, 100, 105, 99, 101)])).toMatchObject({ orderStatus: "filled", entryPrice: 104 });
  expect(walkBars(pending("limit", 90, { expiresAt: at(2) }), [bar(2, 100, 101, 99, 100), bar(3, 80, 81, 79, 80)])).toMatchObject({ orderStatus: "expired", closedAt: at(3), closePrice: null });
});

test("bars looked at in two parts end where they end in one", () => {
  const price = fc.integer({ min: 80, max: 120 });
  const bars = fc.array(fc.tuple(price, price, price, price), { minLength: 1, maxLength: 30 }).map((list) => list.map(([a, b, c, d], index) => bar(index + 2, a, Math.max(a, b, c, d), Math.min(a, b, c, d), d)));
  fc.assert(fc.property(bars, fc.nat(30), fc.constantFrom(long, pending("limit", 97), pending("stop", 104, { expiresAt: at(10) })), (list, cut, trade) => {
    const whole = walkBars(trade, list);
    const first = walkBars(trade, list.slice(0, cut));
    const second = first.closedAt ? first : walkBars({ ...trade, ...first }, list.slice(cut));
    expect({ ...second, markedAt: second.markedAt ?? first.markedAt }).toEqual(whole);
  }));
});

test("a lot risks its share and no more, whatever the stop", () => {
  const base = { symbol: "AAPL", price: 100, balance: 10_000, riskPct: 0.01, maxLotSize: 1, accountType: "USD" };
  expect(sizeLot({ ...base, stopLoss: 98 })).toMatchObject({ effective_lot_size: 0.5, sl_pips: 200, pip_value_per_lot: 1 });
  expect(sizeLot({ ...base, stopLoss: 99.99 }).effective_lot_size).toBe(1);
  expect(sizeLot({ ...base, symbol: "EURUSD", price: 1.1, stopLoss: 1.098 })).toMatchObject({ effective_lot_size: 0.5, sl_pips: 20, pip_value_per_lot: 10 });
  expect(sizeLot({ ...base, symbol: "USDJPY", price: 150, stopLoss: 149.5 }).pip_value_per_lot).toBeCloseTo(6.67, 1);
  expect(() => sizeLot({ ...base, stopLoss: 100 })).toThrow(RangeError);
  expect(profitOf({ symbol: "EURUSD", direction: "SELL", volume: 0.1, entryPrice: 1.1 }, 1.095, "USD")).toBe(50);
  fc.assert(fc.property(fc.double({ min: 0.1, max: 50, noNaN: true }), (distance) => {
    const { effective_lot_size } = sizeLot({ ...base, maxLotSize: 1_000, stopLoss: 100 - distance });
    return effective_lot_size === 0.01 || effective_lot_size * distance * 100 <= 100 + 1e-6;
  }));
});

test("weights are shared out among those who spoke, and a quorum is two of three", () => {
  const report = (direction: "BUY" | "SELL" | "HOLD", confidence_score: number) => ({ direction, confidence_score }) as IndicatorReport;
  const votes = (a: unknown, b: unknown, c: unknown) => countVotes({ indicator_agent: a, pattern_agent: b, trend_agent: c } as Reports);
  expect(shareWeights(["indicator_agent", "trend_agent"])).toEqual({ indicator_agent: 0.6154, trend_agent: 0.3846 });
  expect(votes(report("BUY", 0.8), report("BUY", 0.6), report("SELL", 1))).toMatchObject({ direction: "BUY", reached: true, confidence: 0.6317 });
  expect(votes(report("BUY", 0.8), report("SELL", 0.6), report("HOLD", 1))).toMatchObject({ direction: "HOLD", reached: false, confidence: 0 });
  expect(votes(null, null, null)).toMatchObject({ reached: false, votes: [], missing: ["indicator_agent", "pattern_agent", "trend_agent"] });
  expect(votes(report("SELL", 0.9), null, null)).toMatchObject({ direction: "SELL", reached: true, votes: [{ weight: 1 }] });
});

test("moved stops keep to each constraint", () => {
  const state: PositionState = { ticket: 1, symbol: "AAPL", direction: "BUY", entry: 100, current_price: 105, sl: 98, tp: 115, pnl: 5, volume: 0.1, hours_open: 1, status: "filled" };
  const constraints = { sl_pips: 100, risk_pct: 0.01, balance: 10_000, account_type: "USD" };
  expect(findBreach(state, { new_sl: 101, new_tp: null }, constraints)).toBeNull();
  expect(findBreach(state, { new_sl: 104.5, new_tp: null }, constraints)).toMatch(/50 pips from the price; 100 are the least/);
  expect(findBreach(state, { new_sl: 97, new_tp: null }, constraints)).toMatch(/only move in its favour/);
  expect(findBreach({ ...state, current_price: 99, volume: 5 }, { new_sl: 96, new_tp: 115 }, constraints)).toMatch(/would risk 2000; 120 is the most/);
  expect(findBreach(state, { new_sl: 101, new_tp: 107 }, constraints)).toMatch(/reward \(200 pips\) would be below the risk \(400 pips\)/);
  expect(findBreach({ ...state, direction: "SELL", entry: 110, sl: 112, tp: 90 }, { new_sl: 108, new_tp: null }, constraints)).toBeNull();
});

test("indicators of few bars are the basic set, without a NaN", async () => {
  const few = await computeIndicators([bar(1, 1, 2, 1, 1.5), bar(2, 1.5, 2, 1, 1.2)]);
  expect(few).toEqual({ sma_20: 0, rsi_14: 0, atr_14: 0, recent_high: 2, recent_low: 1, candle_count: 2 });
});

test("of many who ask at once exactly as many as allowed are let through", async () => {
  const account = await makeAccount(database.ctx);
  const ticks = await Promise.all(Array.from({ length: 25 }, () => tickRate(database.db, account, 10)));
  expect(ticks.filter(({ allowed }) => allowed)).toHaveLength(10);
});

const order = { symbol: "AAPL", timeframe: "D1", direction: "BUY", orderType: "market", volume: 0.1, entry: 140.46, sl: 136, tp: 160, expiresAt: null, price: 140.46, at: new Date("2017-03-15T00:00:00Z"), source: "ai", strategyId: null } as const;
let sent = 0;
async function openPosition(more: object = {}, account?: number) {
  const id = account ?? (await makeAccount(database.ctx));
  sent += 1;
  const placed = await placeOrder(database.db, await loadAccount(database.db, id), { ...order, clientRef: `test-${sent}`, ...more });
  return { ...placed, account: id };
}

test("the same order sent twice is one order, and what bars fill changes the balance", async () => {
  const { account, ticket } = await openPosition({ clientRef: "twice" });
  expect((await openPosition({ clientRef: "twice" }, account)).ticket).toBe(ticket);
  expect(await database.db.trade.count({ where: { accountId: account } })).toBe(1);
  const loaded = await loadAccount(database.db, account);
  expect(await markTrades(database.db, loaded, null)).toBe(1);
  const trade = await database.db.trade.findFirstOrThrow({ where: { accountId: account } });
  expect(trade).toMatchObject({ closePrice: 160, closeReason: "take_profit", profit: 195.4 });
  expect(await readBalance(database.db, loaded)).toBe(10_195.4);
  expect(await markTrades(database.db, loaded, null)).toBe(0);
});

const SIGHT = ["position_loaded", "ohlcv_fetch", "context_built", "maintenance_technical", "maintenance_sentiment", "maintenance_decision"];
const review = (position: number, asOf: string) => runStage(database.ctx, "maintenance", { position, asOf });

test("maintenance: hold, modify and close, each completed with the contract's steps", async () => {
  const { ticket, account } = await openPosition();
  const held = await review(ticket, "2017-03-20T00:00:00Z");
  expect([held.status, held.outcome, stepsOf(held)]).toEqual(["completed", "HOLD", [...SIGHT, "maintenance_hold"]]);
  expect(held.trading).toMatchObject({ accountId: account, symbol: "AAPL", timeframe: "D1", taskType: "maintenance", journalId: null, tradeId: expect.any(Number) });
  expect(held.subjects.map(({ key, value }) => `${key}=${value}`).sort()).toEqual([`account=${account}`, `position=${ticket}`, "symbol=AAPL", "timeframe=D1"]);
  expect(held.llmCalls.map(({ role }) => role)).toEqual(["maintenance_technical", "maintenance_sentiment", "maintenance_decision"]);
  const moved = await review(ticket, "2017-05-03T00:00:00Z");
  expect([moved.status, moved.outcome, stepsOf(moved)]).toEqual(["completed", "MODIFY", [...SIGHT, "mt5_modify"]]);
  expect((await database.db.trade.findFirstOrThrow({ where: { accountId: account } })).stopLoss).toBeGreaterThan(136);
  const { ticket: short, account: other } = await openPosition({ direction: "SELL", sl: 170, tp: 100 });
  const closed = await review(short, "2017-05-03T00:00:00Z");
  expect([closed.status, closed.outcome, stepsOf(closed)]).toEqual(["completed", "CLOSE", [...SIGHT, "mt5_close"]]);
  expect(await database.db.trade.findFirstOrThrow({ where: { accountId: other } })).toMatchObject({ closeReason: "maintenance", closedAt: expect.any(Date), profit: expect.any(Number) });
});

test("maintenance: a broker that refuses is a failed step of a completed run; no candles and a closed position are skipped; an unknown one fails", async () => {
  const { ticket, account } = await openPosition({ direction: "SELL", sl: 170, tp: 100 });
  await database.db.account.update({ where: { id: account }, data: { paperTradeEnabled: false } });
  const refused = await review(ticket, "2017-05-03T00:00:00Z");
  expect([refused.status, refused.outcome, stepsOf(refused)]).toEqual(["completed", "CLOSE", [...SIGHT, "mt5_close error"]]);
  const { ticket: blind } = await openPosition({ symbol: "NOBARS" });
  const empty = await review(blind, "2017-05-03T00:00:00Z");
  expect([empty.status, empty.outcome, stepsOf(empty), empty.reason]).toEqual(["skipped", "HOLD", SIGHT.slice(0, 2), expect.stringMatching(/no D1 candles of NOBARS/)]);
  const { ticket: stopped } = await openPosition({ sl: 140, tp: 141 });
  const over = await review(stopped, "2017-12-01T00:00:00Z");
  expect([over.status, stepsOf(over)]).toEqual(["skipped", ["position_loaded"]]);
  const missing = await review(99, "2017-05-03T00:00:00Z");
  expect([missing.status, stepsOf(missing), missing.errorClass]).toEqual(["failed", ["position_loaded error"], "PositionMissing"]);
});

test("a sweep starts one run for each position that may be reviewed, and none while the kill switch is on", async () => {
  const account = await makeAccount(database.ctx);
  const strategy = await database.db.strategy.create({ data: { name: "Unbound" } });
  const { ticket: first } = await openPosition({}, account);
  const { ticket: second } = await openPosition({ direction: "SELL", sl: 170, tp: 100 }, account);
  await openPosition({ strategyId: strategy.id }, account);
  const { tradeId } = await openPosition({}, account);
  await database.db.trade.update({ where: { id: tradeId }, data: { maintenanceEnabled: false } });
  const run = await runStage(database.ctx, "sweep", { account, asOf: "2017-03-20T00:00:00Z" });
  expect(run).toMatchObject({ status: "completed", itemsProcessed: 2 });
  expect(stepsOf(run)).toEqual(["positions_marked", "kill_switch_check", "maintenance_started", "maintenance_started"]);
  const started = run.steps.filter(({ stepName }) => stepName === "maintenance_started").map(({ outputJson }) => JSON.parse(outputJson ?? "{}").run as number);
  const ends = await Promise.all(started.map((runId) => endOf(database.ctx, runId)));
  expect(ends.map(({ stage, status, subjects }) => [stage, status, subjects.find(({ key }) => key === "position")?.value])).toEqual([["maintenance", "completed", String(first)], ["maintenance", "completed", String(second)]]);
  await setKillSwitch(database.ctx, { isActive: true, reason: "test" });
  expect(await runStage(database.ctx, "sweep", { account })).toMatchObject({ status: "skipped", reason: expect.stringMatching(/kill switch/) });
  await setKillSwitch(database.ctx, { isActive: false, reason: "test" });
  await setRiskSettings(database.ctx, { maintenanceEnabled: false });
  expect(await runStage(database.ctx, "sweep", { account })).toMatchObject({ status: "skipped", reason: expect.stringMatching(/switched off/) });
  await setRiskSettings(database.ctx, { maintenanceEnabled: true });
});

test("the kill switch tells the feed once for each turn", async () => {
  const told = () => database.db.runEvent.count({ where: { type: "trading.kill_switch" } });
  const before = await told();
  expect(await setKillSwitch(database.ctx, { isActive: true, reason: "too wild" })).toEqual({ changed: true });
  expect(await setKillSwitch(database.ctx, { isActive: true, reason: "too wild" })).toEqual({ changed: false });
  expect(await setKillSwitch(database.ctx, { isActive: false, reason: "calm again" })).toEqual({ changed: true });
  expect(await told()).toBe(before + 2);
  await expect((async () => setKillSwitch(database.ctx, { isActive: true, reason: " " }))()).rejects.toMatchObject({ code: "INVALID" });
  // Half a character and a NUL, which no jsonb holds: the switch is turned all the same, and its entry says so.
  expect(await setKillSwitch(database.ctx, { isActive: true, reason: "odd \ud800\0" })).toEqual({ changed: true });
  expect(await database.db.auditEntry.findFirst({ where: { action: "trading.kill-switch" }, orderBy: { id: "desc" } })).toMatchObject({ after: { isActive: true, reason: "odd \ufffd\u2400" } });
  await setKillSwitch(database.ctx, { isActive: false, reason: "calm again" });
});
