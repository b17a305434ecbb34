/** Made-up bars, so that a newcomer can run a signal at once. Their symbols say what they are. */
import { Draw } from "#lib/draw";
import type { Bar } from "./price-rows.ts";
import { barMs, type Timeframe } from "./timeframes.ts";

const DAY_MS = 86_400_000;

type SampleSeries = { symbol: string; timeframe: Timeframe; seed: number; start: number; /** Yearly growth and daily unrest, as ratios. */ drift: number; unrest: number; bars: number };

/** One that climbs, one that falls, one that goes nowhere; each in daily and hourly bars. */
export const SAMPLE_SERIES: SampleSeries[] = [
  { symbol: "SAMPLE-UP", timeframe: "D1", seed: 11, start: 80, drift: 0.45, unrest: 0.012, bars: 500 },
  { symbol: "SAMPLE-DOWN", timeframe: "D1", seed: 23, start: 140, drift: -0.4, unrest: 0.013, bars: 500 },
  { symbol: "SAMPLE-FLAT", timeframe: "D1", seed: 37, start: 100, drift: 0, unrest: 0.009, bars: 500 },
  { symbol: "SAMPLE-UP", timeframe: "H1", seed: 41, start: 118, drift: 0.5, unrest: 0.011, bars: 700 },
  { symbol: "SAMPLE-DOWN", timeframe: "H1", seed: 53, start: 96, drift: -0.5, unrest: 0.011, bars: 700 },
  { symbol: "SAMPLE-FLAT", timeframe: "H1", seed: 67, start: 101, drift: 0, unrest: 0.008, bars: 700 },
];

/** A random walk in steps of a bar, weekends left out, that ends with the last whole day before `lastDay`. The same arguments give the same bars. */
export function sampleBars({ seed, start, drift, unrest, bars, timeframe }: SampleSeries, lastDay: Date): Bar[] {
  const draw = new Draw(seed);
  const length = barMs(timeframe);
  const times: number[] = [];
  for (let at = Math.floor(lastDay.getTime() / DAY_MS) * DAY_MS - length; times.length < bars; at -= length) {
    const weekday = new Date(at).getUTCDay();
    if (weekday !== 0 && weekday !== 6) times.push(at);
  }
  const share = length / DAY_MS;
  let price = start;
  return times.reverse().map((at) => {
    const open = price;
    const swing = unrest * Math.sqrt(share);
    // The sum of three uniform draws is bell-shaped enough.
    const bell = draw.next() + draw.next() + draw.next() - 1.5;
    const close = open * (1 + (drift / 260) * share + bell * 2 * swing);
    const high = Math.max(open, close) * (1 + draw.next() * swing * 0.6);
    const low = Math.min(open, close) * (1 - draw.next() * swing * 0.6);
    price = close;
    return { at: new Date(at), open: cents(open), high: Math.max(cents(high), cents(open), cents(close)), low: Math.min(cents(low), cents(open), cents(close)), close: cents(close), volume: draw.integer(1_000, 9_000) };
  });
}

const cents = (price: number): number => Math.round(price * 100) / 100;
