/** Strategies that are code: given the bars they say what to do, or null when they have no opinion. */
import type { Action } from "./agents.ts";
import type { Bar } from "./price-rows.ts";

export const isRule = (name: string | null): name is string => name !== null && Object.hasOwn(RULES, name);

export type RuleSignal = { action: Action; confidence: number; rationale: string };
type Rule = (bars: Bar[]) => RuleSignal | null;

const mean = (bars: Bar[]): number => bars.reduce((sum, { close }) => sum + close, 0) / bars.length;

/** Found by a strategy's `class_name`. */
export const RULES: Record<string, Rule> = {
  SmaCross: (bars) => {
    if (bars.length < 31) return null;
    const above = (until: number) => mean(bars.slice(until - 10, until)) - mean(bars.slice(until - 30, until));
    const [before, now] = [above(bars.length - 1), above(bars.length)];
    if (before <= 0 && now > 0) return { action: "BUY", confidence: 0.75, rationale: "SMA 10 has crossed above SMA 30" };
    if (before >= 0 && now < 0) return { action: "SELL", confidence: 0.75, rationale: "SMA 10 has crossed below SMA 30" };
    return null;
  },
  Breakout: (bars) => {
    const last = bars.at(-1);
    const before = bars.slice(-21, -1);
    if (!last || before.length < 20) return null;
    const [top, bottom] = [Math.max(...before.map(({ high }) => high)), Math.min(...before.map(({ low }) => low))];
    if (last.close > top) return { action: "BUY", confidence: 0.8, rationale: `Close ${last.close} above the high of 20 bars, ${top}` };
    if (last.close < bottom) return { action: "SELL", confidence: 0.8, rationale: `Close ${last.close} below the low of 20 bars, ${bottom}` };
    return null;
  },
};
