/** Stage maintenance: the review of one open position. It has done its work whatever it decides, and even if the broker refuses. */
import { z } from "zod";
import { aiSnapshot } from "#lib/ai/provider";
import { BRIEF, defineStage, fillTemplate, unit, wave, type Json, type UnitCtx } from "#lib/engine/define";
import { type Account, closePosition, findPosition, loadAccount, markTrades, modifyPosition, type Position, readBalance } from "./broker.ts";
import { ask } from "./ask.ts";
import { type Market, readMarket } from "./candles.ts";
import { computeIndicators, type Indicators } from "./indicators.ts";
import { profitOf } from "./instruments.ts";
import { type Constraints, findBreach, LEAST_CONFIDENCE, leastStopPips, MaintenanceDecision, playDecision, playSentiment, playTechnical, type PositionState, SentimentReport, TechnicalReport } from "./maintenance.ts";
import { digest, TEMPLATES } from "./prompts.ts";
import { TradingError } from "./refusal.ts";
import { checkModels, RoleModels } from "./role-models.ts";
import { asOfOf } from "./signal-data.ts";
import { isTimeframe, type Timeframe } from "./timeframes.ts";

const HOUR_MS = 3_600_000;

const params = z.object({
  position: z.int().min(1).optional().describe("Ticket of the position; without one, the position that has been open longest"),
  account: z.int().min(1).optional().describe("Number of its account"),
  symbol: z.string().max(20).optional().describe("Its symbol"),
  models: RoleModels,
  asOf: z.iso.datetime({ offset: true }).optional().describe("Look at the market as it was then, such as 2018-03-01T00:00:00Z"),
});
type Params = z.infer<typeof params>;
type Ctx = UnitCtx<Params>;

export const maintenance = defineStage("maintenance", {
  title: "Maintenance",
  description: "Reviews one open position: leaves it, moves its stops, or closes it",
  itemsName: "positions",
  rowsName: "trades",
  params,
  snapshot: aiSnapshot,
  manual: true,
  prompts: [TEMPLATES.maintenance_technical, TEMPLATES.maintenance_sentiment, TEMPLATES.maintenance_decision],
  exclusive: ({ position }) => `trading/maintenance/${position ?? "oldest"}`,
  subjects: ({ position, account, symbol }) => ({ ...(position && { position: String(position) }), ...(account && { account: String(account) }), ...(symbol && { symbol }) }),
  rows: async (db) => countOf(await db.$queryRaw`select count(*)::int as n from (select 1 from trades limit 1000000) s`),
  waiting: async (db) => countOf(await db.$queryRaw`select count(*)::int as n from (select 1 from trades where closed_at is null and order_status in ('pending', 'filled') and maintenance_enabled limit 1000000) s`),
  plan: async function* ({ db, log }, { position }: Params) {
    const [oldest] = position ? [{ ticket: position }] : await db.$queryRaw<{ ticket: number }[]>`select ticket::float8 as ticket from trades where closed_at is null and order_status in ('pending', 'filled') order by opened_at, id limit 1`;
    if (!oldest) return log("No position is open");
    yield wave([unit(`position ${oldest.ticket}`, { ticket: oldest.ticket }, 1)]);
  },
  unit: async (ctx, { ticket }: { ticket: number }) => {
    const { position, account, timeframe } = await loadPosition(ctx, ticket);
    if (position.closedAt) {
      ctx.outcome("HOLD", { skip: `Position ${ticket} was ${position.orderStatus === "expired" ? "an order that expired" : "closed"} at ${position.closedAt.toISOString()}: there is nothing to review` });
      return { action: "HOLD" };
    }
    await checkModels(ctx, ctx.params.models);
    const market = await fetchBars(ctx, position, timeframe);
    if (!market) {
      ctx.outcome("HOLD", { skip: `There are no ${timeframe} candles of ${position.symbol}: the position was left as it is` });
      return { action: "HOLD" };
    }
    const about = await buildContext(ctx, { position, account, market });
    const decision = await decide(ctx, about);
    const action = await carryOut(ctx, about, decision);
    ctx.outcome(action);
    ctx.items.done();
    return { action };
  },
});

const countOf = (rows: unknown): number => z.array(z.object({ n: z.number() })).parse(rows)[0]?.n ?? 0;

/** Finds the position, fills what the bars have reached since, and writes down what the run is about. */
async function loadPosition(ctx: Ctx, ticket: number): Promise<{ position: Position; account: Account; timeframe: Timeframe }> {
  await ctx.step("position_loaded", { ticket }, async () => {
    const found = await findPosition(ctx.db, ticket);
    if (!found) throw new TradingError("PositionMissing", `There is no position ${ticket}.`);
    const account = await loadAccount(ctx.db, found.accountId);
    const { symbol, timeframe, strategyId, id } = found;
    await ctx.write((db) => db.tradingRun.upsert({ where: { runId: ctx.runId }, create: { runId: ctx.runId, accountId: account.id, symbol, timeframe, taskType: "maintenance", tradeId: id, strategyId }, update: {}, select: { runId: true } }));
    await ctx.about({ position: String(ticket), account: String(account.id), symbol, timeframe });
    const changed = await ctx.write((db) => markTrades(db, account, asOfOf(ctx.params), symbol));
    return { account: account.name, symbol, timeframe, direction: found.direction, status: found.orderStatus, changed_by_bars: changed };
  });
  const position = await findPosition(ctx.db, ticket);
  if (!position || !isTimeframe(position.timeframe)) throw new TradingError("PositionMissing", `Position ${ticket} has gone.`);
  return { position, account: await loadAccount(ctx.db, position.accountId), timeframe: position.timeframe };
}

async function fetchBars(ctx: Ctx, { symbol }: Position, timeframe: Timeframe): Promise<(Market & { last: NonNullable<Market["last"]> }) | null> {
  const { at } = await ctx.step("ohlcv_fetch", { symbol, mt5_symbol: symbol, timeframe, as_of: ctx.params.asOf ?? null }, async () => {
    const market = await readMarket(ctx.db, symbol, timeframe, asOfOf(ctx.params));
    return { source: "database", candle_count: market.bars.length, current_price: market.last?.close ?? null, at: market.last?.at.toISOString() ?? null, gaps: market.gaps, zero_volume_candles: market.zeroVolume };
  }, BRIEF);
  if (at === null) return null;
  const market = await readMarket(ctx.db, symbol, timeframe, new Date(at));
  return market.last ? { ...market, last: market.last } : null;
}

type About = { position: Position; account: Account; market: Market & { last: NonNullable<Market["last"]> }; indicators: Indicators; state: PositionState; constraints: Constraints; titles: string[]; history: { profit: number | null }[] };

async function buildContext(ctx: Ctx, { position, account, market }: Pick<About, "position" | "account" | "market">): Promise<About> {
  const { at, close } = market.last;
  const built = await ctx.step("context_built", { ticket: position.ticket, price: close }, async () => {
    const indicators = await computeIndicators(market.bars);
    const strategy = position.strategyId === null ? null : await ctx.db.strategy.findUnique({ where: { id: position.strategyId }, select: { slPips: true } });
    const news = await ctx.db.newsEvent.findMany({ where: { symbol: position.symbol, at: { gt: new Date(at.getTime() - 24 * HOUR_MS), lte: at } }, orderBy: { at: "desc" }, take: 10, select: { title: true } });
    const history = await ctx.db.trade.findMany({ where: { accountId: account.id, symbol: position.symbol, closedAt: { not: null } }, orderBy: { id: "desc" }, take: 10, select: { profit: true } });
    const state: PositionState = {
      ticket: position.ticket, symbol: position.symbol, direction: position.direction, entry: position.entryPrice, current_price: close, sl: position.stopLoss, tp: position.takeProfit,
      pnl: position.orderStatus === "pending" ? 0 : profitOf(position, close, account.accountType), volume: position.volume, status: position.orderStatus,
      hours_open: Math.round((at.getTime() - position.openedAt.getTime()) / HOUR_MS),
    };
    const constraints = { sl_pips: strategy?.slPips ?? leastStopPips(position.symbol, indicators), risk_pct: account.riskPct, balance: await readBalance(ctx.db, account), account_type: account.accountType };
    return { indicators, state, constraints, titles: news.map(({ title }) => title), history };
  }, BRIEF);
  return { position, account, market, ...built };
}

async function decide(ctx: Ctx, { position, account, market, indicators, state, constraints, titles, history }: About): Promise<MaintenanceDecision> {
  const common = { subject: position.symbol, accountId: account.id, models: ctx.params.models };
  const json = (value: unknown) => (value === null ? "not available" : JSON.stringify(value));
  const technical = await ask(ctx, {
    ...common, step: "maintenance_technical", template: TEMPLATES.maintenance_technical, schema: TechnicalReport, local: () => playTechnical(state, indicators), input: { position: state, indicators },
    prompt: fillTemplate(TEMPLATES.maintenance_technical, { symbol: position.symbol, timeframe: position.timeframe, position: json(state), indicators: json(indicators), bars: digest(market.bars.slice(-20)), strategy: json({ sl_pips: constraints.sl_pips }) }),
  });
  const sentiment = await ask(ctx, {
    ...common, step: "maintenance_sentiment", template: TEMPLATES.maintenance_sentiment, schema: SentimentReport, local: () => playSentiment(titles, history), input: { headlines: titles.length, trades: history.length },
    prompt: fillTemplate(TEMPLATES.maintenance_sentiment, { symbol: position.symbol, headlines: json(titles), history: json(history) }),
  });
  const decided = await ask(ctx, {
    ...common, step: "maintenance_decision", template: TEMPLATES.maintenance_decision, schema: MaintenanceDecision, local: () => playDecision(state, technical.value, sentiment.value, indicators),
    input: { technical: technical.value?.technical_score ?? null, sentiment: sentiment.value?.sentiment_score ?? null, constraints },
    prompt: fillTemplate(TEMPLATES.maintenance_decision, { position: json(state), technical: json(technical.value), sentiment: json(sentiment.value), constraints: json(constraints) }),
  });
  return decided.value ?? { action: "HOLD", new_sl: null, new_tp: null, confidence: 0, rationale: `The decision failed: ${decided.fault}.` };
}

/** Does what was decided, as far as the constraints and the broker let it. A refusal is a step that failed, not a run that did. */
async function carryOut(ctx: Ctx, { position, account, market, state, constraints }: About, decision: MaintenanceDecision): Promise<"HOLD" | "CLOSE" | "MODIFY"> {
  const hold = async (reason: string): Promise<"HOLD"> => {
    await ctx.step("maintenance_hold", { action: decision.action, confidence: decision.confidence }, async () => ({ reason }), BRIEF);
    return "HOLD";
  };
  if (decision.action === "HOLD") return hold(decision.rationale);
  if (decision.confidence < LEAST_CONFIDENCE) return hold(`${decision.action} with a confidence of ${decision.confidence}; ${LEAST_CONFIDENCE} is the least`);
  if (decision.action === "CLOSE") {
    await attempt(ctx, "mt5_close", { ticket: position.ticket, price: market.last.close }, async () => ({ success: true, ...(await ctx.write((db) => closePosition(db, account, position, market.last.close, market.last.at))) }));
    return "CLOSE";
  }
  const breach = findBreach(state, decision, constraints);
  if (breach) {
    await ctx.step("constraint_rejected", { new_sl: decision.new_sl, new_tp: decision.new_tp, constraints }, async () => ({ reason: breach }), BRIEF);
    return hold(breach);
  }
  const stops = { sl: decision.new_sl ?? position.stopLoss ?? 0, tp: decision.new_tp ?? position.takeProfit ?? 0 };
  await attempt(ctx, "mt5_modify", { ticket: position.ticket, ...stops }, async () => {
    await ctx.write((db) => modifyPosition(db, account, position, stops));
    return { success: true };
  });
  return "MODIFY";
}

async function attempt(ctx: Ctx, step: string, input: Json, act: () => Promise<Json>): Promise<void> {
  try {
    await ctx.step(step, input, act);
  } catch (error) {
    if (ctx.signal.aborted || !(error instanceof TradingError)) throw error;
    ctx.log(`${step}: ${error.message}`, "warn");
  }
}
