/** What a signal looks at before anybody is asked: each act a step, in the contract's order and words. */
import { BRIEF, type Json, type UnitCtx } from "#lib/engine/define";
import { type Account, listOpen, loadAccount, markTrades, type Position } from "./broker.ts";
import { type Market, readMarket } from "./candles.ts";
import { readKillSwitch, readRiskSettings, type RiskSettings, tickRate } from "./desk.ts";
import { computeIndicators, type Indicators } from "./indicators.ts";
import { TradingError } from "./refusal.ts";
import { type Regime, readRegime } from "./regime.ts";
import { checkModels } from "./role-models.ts";
import { isRule } from "./rule-strategies.ts";
import { isTimeframe, TIMEFRAME_NAMES, type Timeframe } from "./timeframes.ts";

export type SignalParams = { account: number; symbol: string; timeframe: string; strategy: string; news: boolean; models: string; asOf?: string; shared?: number; entry?: number };
export type SignalCtx = UnitCtx<SignalParams>;
export type Strategy = { id: number; name: string; executionMode: string; className: string | null; customPrompt: string | null; newsFilter: boolean; slPips: number | null; tpPips: number | null; lotSize: number | null; contextTfs: unknown; skipHours: unknown; skipHoursTimezone: string | null };
export type KnownMarket = Market & { last: NonNullable<Market["last"]> };
export type Signal = { signal: string; confidence: number; rationale: string; at: string };
export type Desk = { account: Account; strategy: Strategy | null; risk: RiskSettings };

/** The last bars of a symbol that an analysis wants at least. */
export const LEAST_BARS = 30;

export const asOfOf = ({ asOf }: { asOf?: string }): Date | null => (asOf ? new Date(asOf) : null);

/** Loads the account and writes down what the run is about, so that it is listed by it whatever comes next. */
export async function loadDesk(ctx: SignalCtx): Promise<Desk> {
  const { account: accountId, symbol, timeframe, strategy: name } = ctx.params;
  const seen: { account?: Account } = {};
  await ctx.step("account_loaded", { account_id: accountId }, async () => {
    const account = (seen.account = await loadAccount(ctx.db, accountId));
    await ctx.write((db) => db.tradingRun.upsert({ where: { runId: ctx.runId }, create: { runId: ctx.runId, accountId, symbol, timeframe, taskType: "signal" }, update: {}, select: { runId: true } }));
    return { name: account.name, auto_trade_enabled: account.autoTradeEnabled, max_lot_size: account.maxLotSize };
  });
  const account = seen.account ?? (await loadAccount(ctx.db, accountId));
  await checkKillSwitch(ctx);
  await checkModels(ctx, ctx.params.models);
  const strategy = name === "" ? null : await loadStrategy(ctx, name);
  return { account, strategy, risk: await readRiskSettings(ctx.db) };
}

export async function checkKillSwitch(ctx: UnitCtx<unknown>): Promise<void> {
  await ctx.step("kill_switch_check", {}, async () => {
    const { isActive, reason } = await readKillSwitch(ctx.db);
    if (isActive) throw new TradingError("KillSwitchActive", `Kill switch is active - trading halted${reason ? `: ${reason}` : ""}`);
    return { active: false };
  }, BRIEF);
}

async function loadStrategy(ctx: SignalCtx, name: string): Promise<Strategy> {
  const { id } = await ctx.step("strategy_loaded", { strategy: name }, async () => {
    const found = await ctx.db.strategy.findUnique({ where: { name }, select: { id: true, isActive: true, executionMode: true, className: true } });
    if (!found) throw new TradingError("UnknownStrategy", `There is no strategy "${name}".`);
    if (!found.isActive) throw new TradingError("UnknownStrategy", `Strategy ${name} is not active.`);
    await ctx.write((db) => db.tradingRun.update({ where: { runId: ctx.runId }, data: { strategyId: found.id }, select: { runId: true } }));
    return { id: found.id, execution_mode: found.executionMode, class_name: found.className };
  });
  return ctx.db.strategy.findUniqueOrThrow({ where: { id }, select: { id: true, name: true, executionMode: true, className: true, customPrompt: true, newsFilter: true, slPips: true, tpPips: true, lotSize: true, contextTfs: true, skipHours: true, skipHoursTimezone: true } });
}

/** Counts an analysis against the account's minute; a strategy that asks no model has none to count. */
export async function checkRate(ctx: SignalCtx, { account, strategy, risk }: Desk): Promise<void> {
  if (strategy?.executionMode === "rule_only" && isRule(strategy.className)) return ctx.skip("rate_limit_check", "A strategy that asks no model is not limited");
  await ctx.step("rate_limit_check", { account_id: account.id, limit: risk.callsPerMinute, window_seconds: 60 }, async () => {
    const { allowed, calls } = await ctx.write((db) => tickRate(db, account.id, risk.callsPerMinute));
    if (!allowed) throw new TradingError("RateLimited", `Account ${account.name} has asked for ${calls} analyses in this minute; ${risk.callsPerMinute} are allowed. Try again in a minute.`);
    return { allowed, calls };
  });
}

/** Bars of the symbol; never the bars themselves in the step. */
export async function fetchMarket(ctx: UnitCtx<{ symbol: string; timeframe: string; asOf?: string }>): Promise<KnownMarket> {
  const { symbol, timeframe: named } = ctx.params;
  const timeframe = await checkTimeframe(ctx, named);
  const asOf = asOfOf(ctx.params);
  const seen: { market?: KnownMarket } = {};
  const { at } = await ctx.step("ohlcv_fetch", { symbol, mt5_symbol: symbol, timeframe, as_of: asOf?.toISOString() ?? null }, async () => {
    const market = await readMarket(ctx.db, symbol, timeframe, asOf);
    if (!market.last) throw new TradingError("NoCandles", `There are no ${timeframe} candles of ${symbol}${asOf ? ` by ${asOf.toISOString()}` : ""}. Import some: ./penstock import prices <file.csv> --symbol ${symbol} --timeframe ${timeframe}`);
    if (market.bars.length < LEAST_BARS) throw new TradingError("NoCandles", `There are only ${market.bars.length} ${timeframe} candles of ${symbol}; an analysis wants ${LEAST_BARS} at least. Import more.`);
    const { last, bars, gaps, zeroVolume } = market;
    seen.market = { ...market, last };
    return { source: "database", candle_count: bars.length, current_price: last.close, at: last.at.toISOString(), gaps, zero_volume_candles: zeroVolume };
  }, BRIEF);
  if (seen.market) return seen.market;
  // The bar that an earlier attempt's step named stays the last one, whatever was imported meanwhile.
  const market = await readMarket(ctx.db, symbol, timeframe, new Date(at));
  const { last } = market;
  if (!last) throw new TradingError("NoCandles", `The candles of ${symbol} have gone.`);
  return { ...market, last };
}

async function checkTimeframe(ctx: UnitCtx<unknown>, named: string): Promise<Timeframe> {
  if (isTimeframe(named)) return named;
  await ctx.step("timeframe_check", { timeframe: named }, async () => {
    throw new TradingError("UnknownTimeframe", `There is no timeframe "${named}". There is: ${TIMEFRAME_NAMES.join(", ")}.`);
  }, BRIEF);
  throw new Error("unreachable");
}

export async function computeFigures(ctx: UnitCtx<unknown>, { bars }: Market): Promise<Indicators> {
  return ctx.step("indicators_computed", { candle_count: bars.length }, () => computeIndicators(bars), BRIEF);
}

/** Never ends the run: without it the regime is unknown. */
export async function fetchRegime(ctx: UnitCtx<unknown>, { bars }: Market): Promise<Regime | null> {
  try {
    const { regime } = await ctx.step("hmm_regime", { candle_count: bars.length }, async () => readRegime(bars), BRIEF);
    return regime === "unknown" ? null : regime;
  } catch (error) {
    if (ctx.signal.aborted) throw error;
    return null;
  }
}

/** Fills the account's orders from the bars that have come since, then lists what is open. Never ends the run. */
export async function fetchPositions(ctx: SignalCtx, { account }: Desk, market: Market): Promise<Position[]> {
  try {
    const seen: { open?: Position[] } = {};
    await ctx.step("positions_fetched", { account_id: account.id }, async () => {
      const before = await listOpen(ctx.db, account.id);
      const filled = before.length === 0 ? 0 : await ctx.write((db) => markTrades(db, account, market.last?.at ?? null, market.symbol));
      const open = (seen.open = filled === 0 ? before : await listOpen(ctx.db, account.id));
      return { positions: open.map(describePosition), count: open.length, changed_by_bars: filled };
    });
    return seen.open ?? (await listOpen(ctx.db, account.id));
  } catch (error) {
    if (ctx.signal.aborted) throw error;
    return [];
  }
}

export const describePosition = ({ ticket, symbol, direction, volume, entryPrice, stopLoss, takeProfit, openedAt, orderStatus }: Position): Record<string, Json> =>
  ({ ticket, symbol, direction, volume, entry_price: entryPrice, sl: stopLoss, tp: takeProfit, opened_at: openedAt.toISOString(), status: orderStatus });

export async function fetchSignals(ctx: SignalCtx, { account }: Desk): Promise<Signal[]> {
  try {
    const { signals } = await ctx.step("signals_fetched", { account_id: account.id, symbol: ctx.params.symbol, limit: 5 }, async () => {
      const rows = await ctx.db.aiJournal.findMany({ where: { accountId: account.id, symbol: ctx.params.symbol }, orderBy: { id: "desc" }, take: 5 });
      const signals = rows.map(({ signal, confidence, rationale, createdAt }) => ({ signal, confidence, rationale: rationale.slice(0, 200), at: createdAt.toISOString() }));
      return { signals, count: signals.length };
    }, BRIEF);
    return signals;
  } catch (error) {
    if (ctx.signal.aborted) throw error;
    return [];
  }
}

/** Whether the account may take on more at all. The window rolls back from the bar that is decided on. */
export async function preCheckRisk(ctx: SignalCtx, { account, risk }: Desk, market: Market & { last: { at: Date } }, open: Position[]): Promise<string | null> {
  const { reason } = await ctx.step("risk_limit_pre_check", { open_positions: open.length, max_open_positions: risk.maxOpenPositions, max_trades_per_symbol: risk.maxTradesPerSymbol, window_hours: risk.windowHours }, async () => {
    if (open.length >= risk.maxOpenPositions) return { blocked: true, reason: `Risk limit reached: ${open.length} of ${risk.maxOpenPositions} positions are open` as string | null };
    const since = new Date(market.last.at.getTime() - risk.windowHours * 3_600_000);
    const trades = await ctx.db.trade.count({ where: { accountId: account.id, symbol: market.symbol, openedAt: { gt: since, lte: market.last.at } } });
    if (trades >= risk.maxTradesPerSymbol) return { blocked: true, reason: `Risk limit reached: ${trades} trades of ${market.symbol} in ${risk.windowHours} h, ${risk.maxTradesPerSymbol} are allowed` };
    return { blocked: false, reason: null };
  }, BRIEF);
  return reason;
}
