/**
 * Which of three regimes a market is in: a hidden Markov model with Gaussian returns, fitted to the last bars by
 * Baum-Welch (Rabiner, "A Tutorial on Hidden Markov Models", 1989, with its scaling). Pure, and the same every time.
 */
import type { Bar } from "./price-rows.ts";

export const REGIMES = ["trending_down", "sideways", "trending_up"] as const;
export type Regime = (typeof REGIMES)[number];
/** `state` is the place of the regime by its mean return, the lowest first; null with too few bars, or when they do not move. */
export type RegimeReading = { state: number | null; regime: Regime | "unknown"; confidence: number };

const STATES = REGIMES.length;
/** Bars that are fitted, and the fewest that are worth it. */
const FIT_BARS = 250;
const LEAST_BARS = 60;
const ROUNDS = 25;
/** How likely a regime is to last another bar, before anything was seen. */
const STAYS = 0.9;

type Model = { start: number[]; moves: number[][]; mean: number[]; variance: number[] };

export function readRegime(bars: Bar[]): RegimeReading {
  const closes = bars.slice(-FIT_BARS - 1).map(({ close }) => close);
  const returns = closes.slice(1).map((close, at) => Math.log(close / (closes[at] ?? close)));
  const spread = varianceOf(returns);
  if (returns.length < LEAST_BARS || !(spread > 0)) return { state: null, regime: "unknown", confidence: 0 };
  // A regime of one bar alone would fit it perfectly: none is narrower than this.
  const floor = spread / 100;
  let model = guess(returns, floor);
  for (let round = 0; round < ROUNDS; round += 1) model = improve(model, returns, floor);
  const now = lookForward(model, returns).alpha.at(-1) ?? [];
  const likeliest = now.indexOf(Math.max(...now));
  const state = model.mean.filter((mean) => mean < (model.mean[likeliest] ?? 0)).length;
  return { state, regime: REGIMES[state] ?? "unknown", confidence: Math.round((now[likeliest] ?? 0) * 10_000) / 10_000 };
}

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
const each = <T>(make: (state: number) => T): T[] => Array.from({ length: STATES }, (_, state) => make(state));
function varianceOf(values: number[]): number {
  const mean = sum(values) / values.length;
  return sum(values.map((value) => (value - mean) ** 2)) / values.length;
}

/** A third of the returns each, the lowest first. */
function guess(returns: number[], floor: number): Model {
  const sorted = returns.toSorted((a, b) => a - b);
  const parts = each((state) => sorted.slice(Math.floor((state * sorted.length) / STATES), Math.floor(((state + 1) * sorted.length) / STATES)));
  return {
    start: each(() => 1 / STATES),
    moves: each((from) => each((to) => (from === to ? STAYS : (1 - STAYS) / (STATES - 1)))),
    mean: parts.map((part) => sum(part) / part.length),
    variance: parts.map((part) => Math.max(floor, varianceOf(part))),
  };
}

/** How likely each state makes this return; never nothing, so that one leap does not make every state impossible. */
const likelihoods = ({ mean, variance }: Model, value: number): number[] =>
  each((state) => Math.exp(-((value - (mean[state] ?? 0)) ** 2) / (2 * (variance[state] ?? 1))) / Math.sqrt(2 * Math.PI * (variance[state] ?? 1)) + 1e-300);

function lookForward(model: Model, returns: number[]): { alpha: number[][]; scale: number[]; given: number[][] } {
  const given = returns.map((value) => likelihoods(model, value));
  const alpha: number[][] = [];
  const scale: number[] = [];
  given.forEach((likely, at) => {
    const before = alpha[at - 1];
    const raw = each((to) => (likely[to] ?? 0) * (before ? sum(each((from) => (before[from] ?? 0) * (model.moves[from]?.[to] ?? 0))) : (model.start[to] ?? 0)));
    const total = sum(raw) || Number.MIN_VALUE;
    scale.push(total);
    alpha.push(raw.map((value) => value / total));
  });
  return { alpha, scale, given };
}

/** One round of Baum-Welch. */
function improve(model: Model, returns: number[], floor: number): Model {
  const { alpha, scale, given } = lookForward(model, returns);
  const last = returns.length - 1;
  const beta: number[][] = [];
  beta[last] = each(() => 1);
  for (let at = last - 1; at >= 0; at -= 1) beta[at] = each((from) => sum(each((to) => (model.moves[from]?.[to] ?? 0) * (given[at + 1]?.[to] ?? 0) * (beta[at + 1]?.[to] ?? 0))) / (scale[at + 1] ?? 1));
  const share = alpha.map((row, at) => {
    const raw = each((state) => (row[state] ?? 0) * (beta[at]?.[state] ?? 0));
    const total = sum(raw) || 1;
    return raw.map((value) => value / total);
  });
  const weight = each((state) => sum(share.map((row) => row[state] ?? 0)) || 1e-12);
  const mean = each((state) => sum(share.map((row, at) => (row[state] ?? 0) * (returns[at] ?? 0))) / (weight[state] ?? 1));
  const moves = each((from) => {
    const raw = each((to) => {
      let total = 1e-6;
      for (let at = 0; at < last; at += 1) total += ((alpha[at]?.[from] ?? 0) * (model.moves[from]?.[to] ?? 0) * (given[at + 1]?.[to] ?? 0) * (beta[at + 1]?.[to] ?? 0)) / (scale[at + 1] ?? 1);
      return total;
    });
    const total = sum(raw);
    return raw.map((value) => value / total);
  });
  return { start: share[0] ?? model.start, moves, mean, variance: each((state) => Math.max(floor, sum(share.map((row, at) => (row[state] ?? 0) * ((returns[at] ?? 0) - (mean[state] ?? 0)) ** 2)) / (weight[state] ?? 1))) };
}
