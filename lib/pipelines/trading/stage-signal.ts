/** Stage signal: one analysis of one symbol, from the account to the order on paper. A run is failed until something better is earned. */
import { z } from "zod";
import { aiSnapshot } from "#lib/ai/provider";
import { BRIEF, defineStage, unit, wave, type Json } from "#lib/engine/define";
import { type Action, directionOf } from "./agents.ts";
import { placeOrder, readBalance } from "./broker.ts";
import { readKillSwitch } from "./desk.ts";
import { findInstrument, sizeLot } from "./instruments.ts";
import { SymbolName } from "./price-columns.ts";
import { TEMPLATES } from "./prompts.ts";
import { TradingError } from "./refusal.ts";
import { RoleModels } from "./role-models.ts";
import { isRule, RULES } from "./rule-strategies.ts";
import { askAgents, askNews, contradicts, type Given, type Verdict } from "./signal-agents.ts";
import { checkRate, computeFigures, describePosition, type Desk, fetchMarket, fetchPositions, fetchRegime, fetchSignals, loadDesk, preCheckRisk, type SignalCtx } from "./signal-data.ts";
import { receiveShared, shareSignal } from "./signal-group.ts";
import { isSkippedHour, readContext } from "./signal-strategy.ts";
import { storable } from "#lib/db/storable";
import { barMs } from "./timeframes.ts";

/** Where stops lie without a strategy's own, in average true ranges: reward to risk 1.5. */
const STOP_ATR = 2;
const TARGET_ATR = 3;
/** Bars that a pending order waits. */
const ORDER_BARS = 10;

const { market_analysis, indicator_agent, pattern_agent, trend_agent, chart_vision, execution_decision, news_analysis } = TEMPLATES;
const SIGNAL_PROMPTS = [market_analysis, indicator_agent, pattern_agent, trend_agent, chart_vision, execution_decision, news_analysis];

const params = z.object({
  account: z.int().min(1).default(1).describe("Number of the account that trades"),
  symbol: SymbolName.default("SAMPLE-UP").describe("Symbol whose prices were imported"),
  timeframe: z.string().trim().toUpperCase().min(1).max(10).default("D1").describe("M1, M5, M15, M30, H1, H4, D1 or W1"),
  strategy: z.string().trim().max(100).default("").describe("Name of the strategy; none asks the agents"),
  news: z.boolean().default(false).describe("Read the news as well"),
  asOf: z.iso.datetime({ offset: true }).optional().describe("Look at the market as it was then, such as 2018-03-01T00:00:00Z"),
  models: RoleModels,
  shared: z.int().min(1).optional().describe("Journal row of the account that this one follows: its signal is taken over, and nobody is asked"),
  entry: z.number().positive().optional().describe("Price of a pending order that is taken over"),
});

export const signal = defineStage("signal", {
  title: "Signal",
  manual: true,
  description: "Analyses one symbol: figures, three agents and a vote, gates, and an order on paper",
  itemsName: "analyses",
  rowsName: "journal rows",
  params,
  snapshot: aiSnapshot,
  prompts: SIGNAL_PROMPTS,
  exclusive: ({ account, symbol, timeframe, strategy }) => `trading/signal/${account}/${symbol}/${timeframe}/${strategy}`,
  subjects: ({ account, symbol, timeframe, strategy }) => ({ symbol, account: String(account), timeframe, ...(strategy && { strategy }) }),
  rows: async (db) => countOf(await db.$queryRaw`select count(*)::int as n from (select 1 from ai_journal limit 1000000) s`),
  waiting: async () => 0,
  plan: async function* (_, { account, symbol, timeframe }) {
    yield wave([unit(`${symbol} ${timeframe}`, { account, symbol, timeframe }, 1)]);
  },
  unit: async (ctx): Promise<Json> => {
    const desk = await loadDesk(ctx);
    if (await isSkippedHour(ctx, desk.strategy)) return { action: "HOLD", order_placed: false };
    const decided = ctx.params.shared === undefined ? await analyseAndShare(ctx, desk) : await takeOver(ctx, desk, ctx.params.shared);
    const outcome = await execute(ctx, desk, decided);
    ctx.items.done();
    return { action: decided.action, journal_id: decided.journalId, ...outcome };
  },
});

type Decided = { given: Given; verdict: Verdict; action: Action; journalId: number };

/** From the market to the journal. `replaces` is the journal row of an analysis that this one comes instead of. */
async function analyse(ctx: SignalCtx, desk: Desk, replaces: number | null = null): Promise<Decided> {
  const market = await fetchMarket(ctx);
  const indicators = await computeFigures(ctx, market);
  const regime = await fetchRegime(ctx, market);
  const context = await readContext(ctx, desk.strategy, market);
  const open = await fetchPositions(ctx, desk, market);
  const signals = await fetchSignals(ctx, desk);
  const blocked = await preCheckRisk(ctx, desk, market, open);
  const given: Given = { market, indicators, context, regime, positions: open.map(describePosition), signals, news: null, strategy: desk.strategy, accountId: desk.account.id };
  const verdict = blocked ? { ...HELD, confidence: 1, rationale: blocked } : await judge(ctx, desk, given);
  const action = await passGates(ctx, desk, given, verdict);
  return { given, verdict, action, journalId: await saveJournal(ctx, desk, given, { ...verdict, action }, replaces) };
}

async function analyseAndShare(ctx: SignalCtx, desk: Desk): Promise<Decided> {
  await checkRate(ctx, desk);
  const decided = await analyse(ctx, desk);
  await shareSignal(ctx, desk, decided.given.market, { journalId: decided.journalId, entry: decided.verdict.entry });
  return decided;
}

/** The signal of the account that this one follows has passed its gates: it is journalled and traded as it is. */
async function takeOver(ctx: SignalCtx, desk: Desk, journal: number): Promise<Decided> {
  const { given, verdict } = await receiveShared(ctx, desk, journal);
  return { given, verdict, action: verdict.action, journalId: await saveJournal(ctx, desk, given, verdict) };
}

const countOf = (rows: unknown): number => z.array(z.object({ n: z.number() })).parse(rows)[0]?.n ?? 0;
const HELD: Verdict = { action: "HOLD", confidence: 0, rationale: "", entry: null, provider: "rule_based", model: "", context: null };

/** The strategy's own rule where it has one and it speaks; else the agents, with the news where they are asked for. */
async function judge(ctx: SignalCtx, { strategy }: Desk, given: Given): Promise<Verdict> {
  const ruled = strategy && isRule(strategy.className) ? await applyRule(ctx, strategy.name, strategy.className, given) : null;
  if (ruled && strategy?.executionMode !== "hybrid_validator") return ruled;
  if (strategy?.executionMode === "rule_only" && isRule(strategy.className)) return { ...HELD, rationale: "The strategy's rule has no opinion.", model: strategy.className };
  if (ctx.params.news || strategy?.newsFilter) given.news = await askNews(ctx, given);
  const verdict = await askAgents(ctx, given);
  const isOpposed = ruled !== null && directionOf(ruled.action) !== directionOf(verdict.action);
  const judged = isOpposed ? { ...verdict, action: "HOLD" as const, rationale: `The rule says ${ruled.action}, the agents ${verdict.action}. ${verdict.rationale}` } : verdict;
  if (!contradicts(judged.action, given.news)) return judged;
  await ctx.step("news_filter_blocked", { signal: judged.action, news: given.news?.sentiment ?? null }, async () => ({ action_before: judged.action, action_after: "HOLD" }), BRIEF);
  return { ...judged, action: "HOLD", rationale: `The news pull the other way (${given.news?.sentiment}). ${judged.rationale}` };
}

async function applyRule(ctx: SignalCtx, name: string, className: string, { market }: Given): Promise<Verdict | null> {
  try {
    const found = await ctx.step("rule_signal", { strategy: name, class_name: className }, async () => {
      const ruled = RULES[className]?.(market.bars) ?? null;
      return { strategy: name, action: ruled?.action ?? null, confidence: ruled?.confidence ?? null, rationale: ruled?.rationale.slice(0, 200) ?? null };
    }, BRIEF);
    if (found.action === null) return null;
    return { ...HELD, action: found.action, confidence: found.confidence ?? 0, rationale: found.rationale ?? "", model: className };
  } catch (error) {
    // The agents are asked instead.
    if (ctx.signal.aborted) throw error;
    return null;
  }
}

async function passGates(ctx: SignalCtx, { risk }: Desk, { regime }: Given, { action, confidence, context }: Verdict): Promise<Action> {
  const sure = await ctx.step("confidence_gate", { confidence, threshold: risk.confidenceThreshold }, async () => ({ action_before: action, action_after: confidence < risk.confidenceThreshold ? ("HOLD" as const) : action }), BRIEF);
  const regimes = [...(context ? [context.trend, context.volatility] : []), ...(regime ? [regime] : [])];
  const { action_out } = await ctx.step("regime_gate", { regime: regimes, action_in: sure.action_after }, async () => {
    const direction = directionOf(sure.action_after);
    const blocking = regimes.find((regime) => direction !== "HOLD" && risk.blockedRegimes[regime]?.includes(direction)) ?? null;
    return { action_out: blocking ? ("HOLD" as const) : sure.action_after, blocked_by: blocking as string | null };
  }, BRIEF);
  return action_out;
}

/** The journal row and the run's link to it in one transaction; written whatever comes of the signal. */
async function saveJournal(ctx: SignalCtx, { account, strategy }: Desk, { market, indicators }: Given, verdict: Verdict, replaces: number | null = null): Promise<number> {
  const { journal_id } = await ctx.step("journal_saved", { signal: verdict.action, confidence: verdict.confidence }, async () => {
    const id = await ctx.write(async (db) => {
      const earlier = await db.tradingRun.findUnique({ where: { runId: ctx.runId }, select: { journalId: true } });
      if (earlier?.journalId && earlier.journalId !== replaces) return earlier.journalId;
      const row = await db.aiJournal.create({
        data: {
          accountId: account.id, strategyId: strategy?.id ?? null, symbol: market.symbol, timeframe: market.timeframe, signal: verdict.action, confidence: verdict.confidence, rationale: storable(verdict.rationale),
          indicatorsSnapshot: JSON.stringify(indicators), llmProvider: storable(verdict.provider).slice(0, 50), modelName: storable(verdict.model).slice(0, 100),
        },
        select: { id: true },
      });
      await db.tradingRun.update({ where: { runId: ctx.runId }, data: { journalId: row.id }, select: { runId: true } });
      return row.id;
    });
    return { journal_id: id };
  });
  return journal_id;
}

/** From the journalled signal to the order, or to what ends the run before it. */
async function execute(ctx: SignalCtx, desk: Desk, { given, verdict, action, journalId }: Decided, isRetry = false): Promise<Record<string, Json>> {
  const { account } = desk;
  ctx.outcome(action, { hold: action === "HOLD" });
  if (action === "HOLD") {
    await ctx.step("kill_switch_check", {}, async () => ({ active: false, skipped: "HOLD signal" }), BRIEF);
    return { order_placed: false };
  }
  const halted = await ctx.step("kill_switch_check", {}, async () => ({ active: (await readKillSwitch(ctx.db)).isActive }), BRIEF);
  if (halted.active) {
    ctx.outcome(action, { skip: "The kill switch was turned on during the analysis: the signal is in the journal, and no order was placed" });
    return { order_placed: false };
  }
  if (!account.autoTradeEnabled) {
    await ctx.skip("auto_trade_check", `Automatic trading is off for account ${account.name}`);
    ctx.outcome(action, { skip: `Automatic trading is off for account ${account.name}: the signal is in the journal, and no order was placed` });
    return { order_placed: false };
  }
  await ctx.step("auto_trade_check", {}, async () => ({ auto_trade_enabled: true }), BRIEF);
  const order = await buildOrder(ctx, desk, given, { verdict, action });
  try {
    return await sendOrder(ctx, account, order, { action, journalId });
  } catch (error) {
    if (isRetry || ctx.params.shared !== undefined || !isInvalidPrice(error)) throw error;
    return retryStaleEntry(ctx, desk, { reason: error.message, entry: order.entry, price: order.price, journalId });
  }
}

const isInvalidPrice = (error: unknown): error is TradingError => error instanceof TradingError && error.name === "OrderRefused" && error.message.startsWith("Invalid price");

/** The market has left the price that was decided on: the analysis is made once more with what it says now, and its order is the last. */
async function retryStaleEntry(ctx: SignalCtx, desk: Desk, { reason, entry, price, journalId }: { reason: string; entry: number; price: number; journalId: number }): Promise<Record<string, Json>> {
  await ctx.step("stale_entry_retry", { reason, entry, price }, async () => ({ attempt: 2 }));
  const again = await analyse(ctx, desk, journalId);
  return { ...(await execute(ctx, desk, again, true)), journal_id: again.journalId, action: again.action };
}

async function sendOrder(ctx: SignalCtx, account: Desk["account"], order: Awaited<ReturnType<typeof buildOrder>>, { action, journalId }: Pick<Decided, "action" | "journalId">): Promise<Record<string, Json>> {
  const { ticket, trade_id } = await ctx.step("mt5_executed", { symbol: order.symbol, action, volume: order.volume, idempotency_key: order.clientRef }, async () => {
    const placed = await ctx.write(async (db) => {
      const made = await placeOrder(db, account, order);
      await db.tradingRun.update({ where: { runId: ctx.runId }, data: { tradeId: made.tradeId }, select: { runId: true } });
      await db.aiJournal.update({ where: { id: journalId }, data: { tradeId: made.tradeId }, select: { id: true } });
      return made;
    });
    return { success: true, ticket: placed.ticket, paper_trade: true, trade_id: placed.tradeId, filled: placed.filled };
  });
  await ctx.skip("telegram_sent", "No messenger is configured");
  return { order_placed: true, ticket, trade_id };
}

async function buildOrder(ctx: SignalCtx, { account, strategy, risk: _ }: Desk, { market, indicators }: Given, { verdict, action }: Pick<Decided, "verdict" | "action">) {
  const direction = directionOf(action) === "SELL" ? ("SELL" as const) : ("BUY" as const);
  const orderType = action.endsWith("_LIMIT") ? ("limit" as const) : action.endsWith("_STOP") ? ("stop" as const) : ("market" as const);
  const price = market.last.close;
  const entry = orderType === "market" ? price : tidy(verdict.entry ?? price);
  const { pip } = findInstrument(market.symbol);
  const sign = direction === "BUY" ? 1 : -1;
  const unrest = indicators.atr_14 > 0 ? indicators.atr_14 : price * 0.01;
  const sl = tidy(entry - sign * (strategy?.slPips ? strategy.slPips * pip : STOP_ATR * unrest));
  const tp = tidy(entry + sign * (strategy?.tpPips ? strategy.tpPips * pip : TARGET_ATR * unrest));
  const { effective_lot_size: volume } = await ctx.step("lot_size_calculated", { symbol: market.symbol, entry, sl, risk_pct: account.riskPct, max_lot_size: account.maxLotSize }, async () => {
    if (strategy?.lotSize) return { effective_lot_size: Math.min(strategy.lotSize, account.maxLotSize), max_lot_size: account.maxLotSize, formula: "the strategy's own lot" };
    try {
      return sizeLot({ symbol: market.symbol, price: entry, stopLoss: sl, balance: await readBalance(ctx.db, account), riskPct: account.riskPct, maxLotSize: account.maxLotSize, accountType: account.accountType });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return { effective_lot_size: account.maxLotSize, max_lot_size: account.maxLotSize, formula: `max_lot_size, since: ${error.message}` };
    }
  }, BRIEF);
  const expiresAt = orderType === "market" ? null : new Date(market.last.at.getTime() + ORDER_BARS * barMs(market.timeframe));
  await ctx.step("order_built", { action, price }, async () => ({ symbol: market.symbol, action, volume, entry, sl, tp, expiry: expiresAt?.toISOString() ?? null }), BRIEF);
  return { symbol: market.symbol, timeframe: market.timeframe, direction, orderType, volume, entry, sl, tp, expiresAt, price, at: market.last.at, source: strategy?.name ?? "ai", strategyId: strategy?.id ?? null, clientRef: ctx.idempotencyKey("mt5_executed") };
}

const tidy = (price: number): number => Number(price.toPrecision(8));
