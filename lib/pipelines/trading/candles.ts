/** What is known of a symbol at a moment: its last bars. */
import { z } from "zod";
import type { Db } from "#lib/db/client";
import type { Bar } from "./price-rows.ts";
import { gapBetween, type Timeframe } from "./timeframes.ts";

/** Bars that an analysis looks back on: enough for an EMA over 200 to have settled. */
export const LOOKBACK = 500;

export const BarRow = z.object({ at: z.date(), open: z.number(), high: z.number(), low: z.number(), close: z.number(), volume: z.number() });

export type Market = {
  symbol: string;
  timeframe: Timeframe;
  /** Oldest first; none when the symbol has no bars by then. */
  bars: Bar[];
  last: Bar | null;
  /** Holes and bars without volume among them. */
  gaps: number;
  zeroVolume: number;
};

/** The newest bars that had begun by `asOf`, and by now in any case: what lies in the future is not looked at. */
export async function readMarket(db: Db, symbol: string, timeframe: Timeframe, asOf: Date | null, limit = LOOKBACK): Promise<Market> {
  const rows = await db.$queryRaw`
    select at, open, high, low, close, volume
      from candles
     where symbol = ${symbol} and timeframe = ${timeframe} and at <= least(${asOf}::timestamptz, now())
     order by at desc
     limit ${limit}`;
  const bars = z.array(BarRow).parse(rows).reverse();
  const gaps = bars.filter((bar, index) => index > 0 && gapBetween(bars[index - 1]?.at ?? bar.at, bar.at, timeframe) !== null).length;
  return { symbol, timeframe, bars, last: bars.at(-1) ?? null, gaps, zeroVolume: bars.filter(({ volume }) => volume === 0).length };
}

/** Bars of a series strictly after `after`, up to `until` (and now), oldest first. */
export async function readBarsAfter(db: Db, { symbol, timeframe, after, until, limit = 5_000 }: { symbol: string; timeframe: string; after: Date; until: Date | null; limit?: number }): Promise<Bar[]> {
  const rows = await db.$queryRaw`
    select at, open, high, low, close, volume
      from candles
     where symbol = ${symbol} and timeframe = ${timeframe} and at > ${after} and at <= least(${until}::timestamptz, now())
     order by at
     limit ${limit}`;
  return z.array(BarRow).parse(rows);
}
