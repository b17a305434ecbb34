/** A desk to try things on: made-up bars, an account on paper, and three strategies. */
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { type Ctx, inTransaction } from "#lib/ctx";
import { storeBars } from "./import-prices.ts";
import { SAMPLE_SERIES, sampleBars } from "./sample-prices.ts";

const STRATEGIES = [
  { name: "Agents", description: "Market analysis, three agents and a vote", strategyType: "config", executionMode: "multi_agent", className: null },
  { name: "SMA cross", description: "Buys and sells when SMA 10 crosses SMA 30; asks the agents when nothing crosses", strategyType: "code", executionMode: "rule_then_llm", className: "SmaCross" },
  { name: "Breakout", description: "Trades closes beyond the last 20 bars, without any model", strategyType: "code", executionMode: "rule_only", className: "Breakout" },
] as const;

/** Each once, however many timeframes it has. */
const SAMPLE_SYMBOLS = [...new Set(SAMPLE_SERIES.map(({ symbol }) => symbol))];

export type SampleDesk = { accountId: number; bars: number; symbols: string[]; lastDay: Date };

/**
 * Sets up the sample desk; done again it changes nothing but what is missing. The bars end on the day before they were
 * first made, so that they are the same every time.
 */
export async function loadSampleDesk(ctx: Ctx): Promise<SampleDesk> {
  allow(ctx, "imports.run");
  return inTransaction(ctx, loadDesk);
}

async function loadDesk(ctx: Ctx): Promise<SampleDesk> {
  const account = await ctx.db.account.upsert({
    where: { login: "paper" },
    create: { name: "Paper", broker: "Paper broker", login: "paper", paperTradeEnabled: true },
    update: {},
    select: { id: true },
  });
  for (const strategy of STRATEGIES) {
    const { id } = await ctx.db.strategy.upsert({ where: { name: strategy.name }, create: { ...strategy, newsFilter: false, primaryTf: "D1", symbols: SAMPLE_SYMBOLS }, update: {}, select: { id: true } });
    await ctx.db.accountStrategy.upsert({ where: { accountId_strategyId: { accountId: account.id, strategyId: id } }, create: { accountId: account.id, strategyId: id }, update: {} });
  }
  const newest = await ctx.db.candle.findFirst({ where: { symbol: SAMPLE_SERIES[0]?.symbol, timeframe: SAMPLE_SERIES[0]?.timeframe }, orderBy: { at: "desc" }, select: { at: true } });
  const lastDay = newest ? new Date(newest.at.getTime() + 86_400_000) : new Date();
  let bars = 0;
  for (const series of SAMPLE_SERIES) {
    const { made } = await storeBars(ctx, sampleBars(series, lastDay).map((bar) => ({ ...bar, symbol: series.symbol, timeframe: series.timeframe })));
    bars += made;
  }
  if (bars > 0) await audit(ctx, { action: "price.import", object: "prices/sample desk", after: { bars } });
  return { accountId: account.id, bars, symbols: SAMPLE_SYMBOLS, lastDay };
}
