/** The desk's tables and a run's report, from runs that a real worker has done. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestDatabase } from "#lib/testing/database";
import { makeAccount, openDesk, runStage } from "#lib/testing/trading";
import { readAgentHealth } from "./agent-health.ts";
import { placeOrder, loadAccount, readBalance } from "./broker.ts";
import { listKillSwitchTurns, listSwitchedAgents, setAgentSwitch, setKillSwitch } from "./desk.ts";
import { profitOf } from "./instruments.ts";
import { JournalRequest, listAccounts, listJournal, listSeries, listStrategies, listTrades, PlainRequest, TradesRequest } from "./lists.ts";
import { TEMPLATES } from "./prompts.ts";
import { getRunReport } from "./run-report.ts";
import { loadSampleDesk } from "./sample-desk.ts";
import { AGENT_ROLES, WORKFLOW } from "./workflow.ts";

const [BUYS, NO_QUORUM] = ["2017-03-15T00:00:00Z", "2018-01-29T00:00:00Z"];
let database: TestDatabase;
let account: number;
beforeAll(async () => {
  database = await openDesk();
  await loadSampleDesk(database.ctx);
  account = await makeAccount(database.ctx, { name: "Lists" });
});
afterAll(() => database.drop());

test("every prompt of the pipeline belongs to one agent, which is given what the prompt has holes for", () => {
  expect(AGENT_ROLES.toSorted()).toEqual(Object.keys(TEMPLATES).toSorted());
  const [, , voters] = WORKFLOW.signal;
  expect(voters?.map(({ role, weight }) => [role, weight])).toEqual([["indicator_agent", 0.4], ["pattern_agent", 0.35], ["trend_agent", 0.25]]);
  expect(voters?.[0]).toMatchObject({ gets: ["symbol", "timeframe", "price", "at", "oscillators", "context"], gives: expect.arrayContaining(["overall", "direction", "confidence_score"]) });
});

test("a signal is in the journal, its trade is open with what it would make, and its run tells votes, gates and prices", async () => {
  const run = await runStage(database.ctx, "signal", { account, symbol: "AAPL", timeframe: "D1", asOf: BUYS });
  expect(run.status).toBe("completed");
  const runId = Number(run.id);
  const { rows: [entry] } = await listJournal(database.ctx, JournalRequest.parse({ account: String(account), symbol: "aapl", signal: "BUY" }));
  expect(entry).toMatchObject({ account: "Lists", symbol: "AAPL", signal: "BUY", runId, provider: "local", tradeId: run.trading?.tradeId });
  const { rows: [trade] } = await listTrades(database.ctx, TradesRequest.parse({ account, state: "open" }));
  expect(trade).toMatchObject({ id: run.trading?.tradeId, runIds: [runId], direction: "BUY", orderStatus: "filled", lastAt: new Date("2018-05-11T00:00:00Z"), closedAt: null });
  expect(trade?.unrealised).toBe(trade && profitOf(trade, trade.lastPrice ?? 0, "USD"));

  const report = await getRunReport(database.ctx, runId);
  expect(report).toMatchObject({ account: "Lists", symbol: "AAPL", timeframe: "D1", taskType: "signal", finalAction: "BUY", signal: "BUY", journalId: entry?.id, ticket: trade?.ticket });
  expect(report?.agents.map(({ role, weight, model }) => [role, weight, model])).toEqual([
    ["market_analysis", null, "local-analyser"], ["indicator_agent", 0.4, "local-analyser"], ["pattern_agent", 0.35, "local-analyser"], ["trend_agent", 0.25, "local-analyser"], ["execution_decision", null, "local-analyser"],
  ]);
  expect(report?.gates.find(({ step }) => step === "vote_summary")?.says).toMatch(/^BUY: [23] BUY/);
  expect(report?.gates.find(({ step }) => step === "confidence_gate")?.says).toBe("BUY passed");
  expect(report?.bars).toHaveLength(80);
  expect(report?.bars.at(-1)?.at).toEqual(new Date(BUYS));
  expect(report?.levels).toEqual([{ name: "Entry", price: trade?.entryPrice }, { name: "Stop loss", price: trade?.stopLoss }, { name: "Take profit", price: trade?.takeProfit }]);
});

test("without a quorum the report says so; a run without an account has none", async () => {
  const held = await runStage(database.ctx, "signal", { account, symbol: "AAPL", timeframe: "D1", asOf: NO_QUORUM });
  const report = await getRunReport(database.ctx, Number(held.id));
  expect(report?.gates.find(({ step }) => step === "vote_summary")?.says).toMatch(/^no quorum: /);
  expect(report?.agents.find(({ role }) => role === "execution_decision")).toMatchObject({ status: "skip", says: expect.stringContaining("No quorum") });
  expect(report?.levels).toEqual([]);
  const lost = await runStage(database.ctx, "signal", { account: 999_999, symbol: "AAPL", timeframe: "D1" });
  expect(await getRunReport(database.ctx, Number(lost.id))).toBeNull();
});

test("pages of trades: open ones first, each once, whatever the page size", async () => {
  const paper = await loadAccount(database.db, await makeAccount(database.ctx, { name: "Pages" }));
  const made: number[] = [];
  for (let n = 0; n < 7; n++) {
    const { tradeId } = await placeOrder(database.db, paper, { symbol: "NONE", timeframe: "D1", direction: "BUY", orderType: "market", volume: 0.01, entry: 100, sl: 90, tp: 120, expiresAt: null, price: 100, at: new Date(BUYS), source: "ai", strategyId: null, clientRef: `pages ${n}` });
    made.push(tradeId);
    if (n % 2 === 0) await database.db.trade.update({ where: { id: tradeId }, data: { closedAt: new Date(BUYS), closePrice: 101, profit: 1 } });
  }
  const seen: { id: number; isOpen: boolean }[] = [];
  let before: number | undefined;
  do {
    const { rows, next } = await listTrades(database.ctx, TradesRequest.parse({ account: paper.id, limit: 2, before }));
    seen.push(...rows.map(({ id, closedAt }) => ({ id, isOpen: closedAt === null })));
    before = next ?? undefined;
  } while (before !== undefined);
  expect(seen.map(({ isOpen }) => isOpen)).toEqual([true, true, true, false, false, false, false]);
  expect(seen.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(made);
  const { rows: [listed] } = await listAccounts(database.ctx, PlainRequest.parse({ limit: 1 }));
  expect(listed).toMatchObject({ name: "Pages", openTrades: 3, balance: await readBalance(database.db, paper), lastRunId: null });
});

test("strategies, prices, switches and health are told", async () => {
  const { rows } = await listStrategies(database.ctx, PlainRequest.parse({}));
  expect(rows.map(({ name, accounts }) => [name, accounts])).toEqual([["Breakout", ["Paper"]], ["SMA cross", ["Paper"]], ["Agents", ["Paper"]]]);
  expect((await listSeries(database.ctx)).map(({ symbol, timeframe }) => `${symbol} ${timeframe}`)).toEqual(expect.arrayContaining(["AAPL D1", "SAMPLE-UP D1"]));
  await setKillSwitch(database.ctx, { isActive: true, reason: "to see it" });
  await setKillSwitch(database.ctx, { isActive: false, reason: "seen" });
  expect((await listKillSwitchTurns(database.ctx)).map(({ action, reason }) => [action, reason])).toEqual([["deactivated", "seen"], ["activated", "to see it"]]);
  await setAgentSwitch(database.ctx, { agent: "trend_agent", isEnabled: false, reason: "too gloomy" });
  expect(await listSwitchedAgents(database.ctx)).toMatchObject([{ agent: "trend_agent", isEnabled: false }]);
  const health = await readAgentHealth(database.ctx);
  expect(health.get("market_analysis")).toMatchObject({ calls: 2, failed: 0, isCut: false });
  expect(health.get("maintenance_decision")).toMatchObject({ calls: 0, meanMs: null });
});
