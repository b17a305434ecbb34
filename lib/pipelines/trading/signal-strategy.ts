/** What a strategy says of when it trades, and what else it looks at. */
import { z } from "zod";
import { BRIEF, type Json } from "#lib/engine/define";
import { hourIn, isZone } from "#lib/format/time";
import { readMarket } from "./candles.ts";
import { computeIndicators } from "./indicators.ts";
import { analyseMarket } from "./local-agents.ts";
import { TradingError } from "./refusal.ts";
import { asOfOf, LEAST_BARS, type KnownMarket, type SignalCtx, type Strategy } from "./signal-data.ts";
import { barMs, findTimeframe, type Timeframe } from "./timeframes.ts";

const Hours = z.array(z.int().min(0).max(23)).catch([]);
const Names = z.array(z.string()).catch([]);

/** Whether the strategy does not trade in this hour of its own zone: the run is then skipped, and says so. */
export async function isSkippedHour(ctx: SignalCtx, strategy: Strategy | null): Promise<boolean> {
  const hours = Hours.parse(strategy?.skipHours ?? []);
  if (!strategy || hours.length === 0) return false;
  const zone = strategy.skipHoursTimezone || "UTC";
  const { hour, skipped } = await ctx.step("skip_hours_check", { skip_hours: hours, timezone: zone }, async () => {
    if (!isZone(zone)) throw new TradingError("UnknownStrategy", `Strategy ${strategy.name} skips hours of the time zone "${zone}", which is not known. Name one such as Europe/Berlin.`);
    const now = hourIn(asOfOf(ctx.params) ?? new Date(), zone);
    return { hour: now, skipped: hours.includes(now) };
  }, BRIEF);
  if (skipped) ctx.outcome("HOLD", { skip: `Strategy ${strategy.name} does not trade in the hour from ${hour}:00 (${zone})` });
  return skipped;
}

/**
 * The strategy's other timeframes in figures, by their names. Only bars that had ended when the last bar of the market did:
 * a longer one that is still open would tell of the future. Never ends the run.
 */
export async function readContext(ctx: SignalCtx, strategy: Strategy | null, market: KnownMarket): Promise<Record<string, Json>> {
  const wanted = [...new Set(Names.parse(strategy?.contextTfs ?? []).flatMap((name) => findTimeframe(name) ?? []))].filter((name) => name !== market.timeframe);
  if (wanted.length === 0) return {};
  try {
    return await ctx.step("context_timeframes", { symbol: market.symbol, timeframes: wanted }, async () =>
      Object.fromEntries(await Promise.all(wanted.map(async (timeframe): Promise<[string, Json]> => [timeframe, await describeTimeframe(ctx, market, timeframe)]))), BRIEF);
  } catch (error) {
    if (ctx.signal.aborted) throw error;
    return {};
  }
}

async function describeTimeframe(ctx: SignalCtx, { symbol, timeframe: own, last }: KnownMarket, timeframe: Timeframe): Promise<Json> {
  const until = new Date(last.at.getTime() + barMs(own) - barMs(timeframe));
  const market = await readMarket(ctx.db, symbol, timeframe, until);
  const candles = { candle_count: market.bars.length, at: market.last?.at.toISOString() ?? null, close: market.last?.close ?? null };
  if (!market.last || market.bars.length < LEAST_BARS) return { ...candles, note: `fewer than ${LEAST_BARS} candles` };
  const indicators = await computeIndicators(market.bars);
  const { trend, trend_strength } = analyseMarket(market.last.close, indicators);
  const { sma_20, ema_50, rsi_14, atr_14 } = indicators;
  return { ...candles, sma_20, ema_50: ema_50 ?? null, rsi_14, atr_14, trend, trend_strength };
}
