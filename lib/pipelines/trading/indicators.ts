/** Indicators of the last bar, by the library trading-signals; figures that it has not enough bars for are 0. */
import type { Bar } from "./price-rows.ts";

/** From so many bars on there is the whole set. */
export const FULL_SET_BARS = 200;
/** Bars that the recent high and low are taken of. */
const RECENT_BARS = 50;

export type Indicators = Record<string, number> & { sma_20: number; rsi_14: number; atr_14: number; recent_high: number; recent_low: number; candle_count: number };
export type Oscillators = { rsi: number; macd_line: number; macd_signal: number; macd_histogram: number; stoch_k: number; stoch_d: number; roc: number; willr: number };

const figure = (value: number | null | undefined): number => (typeof value === "number" && Number.isFinite(value) ? Number(value.toPrecision(10)) : 0);

/** The contract's twelve; the basic six of them with under `FULL_SET_BARS` bars. */
export async function computeIndicators(bars: Bar[]): Promise<Indicators> {
  const { SMA, EMA, RSI, ATR, MACD, BollingerBands } = await import("trading-signals");
  const closes = bars.map(({ close }) => close);
  const last = <R>(indicator: { updates(inputs: number[], replace: boolean): unknown; getResult(): R | null }): R | null => {
    indicator.updates(closes, false);
    return indicator.getResult();
  };
  const atr = new ATR(14);
  atr.updates(bars, false);
  const recent = bars.slice(-RECENT_BARS);
  const basic = {
    sma_20: figure(last(new SMA(20))),
    rsi_14: figure(last(new RSI(14))),
    atr_14: figure(atr.getResult()),
    recent_high: figure(Math.max(...recent.map(({ high }) => high))),
    recent_low: figure(Math.min(...recent.map(({ low }) => low))),
    candle_count: bars.length,
  };
  if (bars.length < FULL_SET_BARS) return basic;
  const macd = last(new MACD(new EMA(12), new EMA(26), new EMA(9)));
  const bands = last(new BollingerBands(20, 2));
  return {
    ...basic,
    ema_50: figure(last(new EMA(50))),
    ema_200: figure(last(new EMA(200))),
    macd: figure(macd?.macd),
    macd_histogram: figure(macd?.histogram),
    bb_upper: figure(bands?.upper),
    bb_lower: figure(bands?.lower),
  };
}

/** What the indicator agent is given besides. */
export async function computeOscillators(bars: Bar[]): Promise<Oscillators> {
  const { EMA, RSI, MACD, ROC, StochasticOscillator, WilliamsR } = await import("trading-signals");
  const [rsi, roc, macd] = [new RSI(14), new ROC(10), new MACD(new EMA(12), new EMA(26), new EMA(9))];
  const [stoch, willr] = [new StochasticOscillator({ kPeriod: 14, kSlowingPeriod: 3, dPeriod: 3 }), new WilliamsR(14)];
  for (const bar of bars) {
    for (const indicator of [rsi, roc, macd]) indicator.add(bar.close);
    for (const indicator of [stoch, willr]) indicator.add(bar);
  }
  const [line, oscillation] = [macd.getResult(), stoch.getResult()];
  return {
    rsi: figure(rsi.getResult()),
    macd_line: figure(line?.macd), macd_signal: figure(line?.signal), macd_histogram: figure(line?.histogram),
    stoch_k: figure(oscillation?.stochK), stoch_d: figure(oscillation?.stochD),
    // The library gives a ratio.
    roc: figure((roc.getResult() ?? 0) * 100),
    willr: figure(willr.getResult()),
  };
}

/** A straight line through the given prices by least squares: its value at the last of them, and its rise per bar. */
export function fitLine(values: number[]): { last: number; slope: number } {
  const n = values.length;
  if (n < 2) return { last: values[0] ?? 0, slope: 0 };
  const middle = (n - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  let above = 0;
  let below = 0;
  values.forEach((value, index) => {
    above += (index - middle) * (value - mean);
    below += (index - middle) ** 2;
  });
  const slope = above / below;
  return { last: mean + slope * (n - 1 - middle), slope };
}

/** Support and resistance of the last 50 bars: lines through their lows and highs. */
export function fitTrend(bars: Bar[]): { support: { last: number; slope: number }; resistance: { last: number; slope: number } } {
  const recent = bars.slice(-RECENT_BARS);
  return { support: fitLine(recent.map(({ low }) => low)), resistance: fitLine(recent.map(({ high }) => high)) };
}
