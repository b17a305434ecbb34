import { expect, test } from "vitest";
import type { Bar } from "./price-rows.ts";
import { readRegime } from "./regime.ts";

/** Bars whose closes grow by `drift` each, with a swing that repeats; one part after the other. */
function bars(...parts: { count: number; drift: number; swing: number }[]): Bar[] {
  let close = 100;
  return parts.flatMap(({ count, drift, swing }) => Array.from({ length: count }, (_, n) => {
    close *= Math.exp(drift + swing * Math.sin(n * 2.4));
    return { at: new Date(n * 86_400_000), open: close, high: close, low: close, close, volume: 1 };
  }));
}
const CALM = { count: 80, drift: 0, swing: 0.001 };
const RISE = { count: 60, drift: 0.02, swing: 0.002 };
const FALL = { count: 60, drift: -0.02, swing: 0.002 };

test("what the last bars do is told, whatever came before", () => {
  expect(readRegime(bars(FALL, CALM, RISE))).toMatchObject({ state: 2, regime: "trending_up" });
  expect(readRegime(bars(RISE, CALM, FALL))).toMatchObject({ state: 0, regime: "trending_down" });
  expect(readRegime(bars(RISE, FALL, CALM))).toMatchObject({ state: 1, regime: "sideways" });
  expect(readRegime(bars(FALL, CALM, RISE)).confidence).toBeGreaterThan(0.95);
});

test("too few bars, and bars that do not move, are unknown; one leap among them breaks nothing", () => {
  expect(readRegime(bars({ count: 30, drift: 0.01, swing: 0.01 }))).toEqual({ state: null, regime: "unknown", confidence: 0 });
  expect(readRegime(bars({ count: 200, drift: 0, swing: 0 }))).toEqual({ state: null, regime: "unknown", confidence: 0 });
  const leap = readRegime(bars(CALM, { count: 1, drift: 3, swing: 0 }, CALM));
  expect(leap.confidence).toBeGreaterThan(0.3);
  expect(Number.isFinite(leap.confidence)).toBe(true);
});
