/**
 * Which of three regimes a market is in: a hidden Markov model with Gaussian returns, fitted to the last bars by
 * Baum-Welch (Rabiner, "A Tutorial on Hidden Markov Models", 1989, with its scaling). Pure, and the same every time.
 *
 * Plain loops over flat arrays, `STATES` numbers a bar: a signal goes through them some 300 000 times.
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

/** `moves` from state to state, row by row. */
type Model = { start: Float64Array; moves: Float64Array; mean: Float64Array; variance: Float64Array };

export function readRegime(bars: Bar[]): RegimeReading {
  const closes = bars.slice(-FIT_BARS - 1).map(({ close }) => close);
  const returns = Float64Array.from(closes.slice(1), (close, at) => Math.log(close / (closes[at] ?? close)));
  const spread = varianceOf(returns);
  if (returns.length < LEAST_BARS || !(spread > 0)) return { state: null, regime: "unknown", confidence: 0 };
  // A regime of one bar alone would fit it perfectly: none is narrower than this.
  const floor = spread / 100;
  let model = guess(returns, floor);
  for (let round = 0; round < ROUNDS; round += 1) model = improve(model, returns, floor);
  const now = lookForward(model, returns).alpha.slice(-STATES);
  const likeliest = now.indexOf(Math.max(...now));
  const state = model.mean.filter((mean) => mean < of(model.mean, likeliest)).length;
  return { state, regime: REGIMES[state] ?? "unknown", confidence: Math.round(of(now, likeliest) * 10_000) / 10_000 };
}

const of = (values: Float64Array, at: number): number => values[at] ?? 0;
const each = (make: (state: number) => number): Float64Array => Float64Array.from({ length: STATES }, (_, state) => make(state));
function varianceOf(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  const mean = total / values.length;
  total = 0;
  for (const value of values) total += (value - mean) ** 2;
  return total / values.length;
}

/** A third of the returns each, the lowest first. */
function guess(returns: Float64Array, floor: number): Model {
  const sorted = returns.toSorted();
  const parts = Array.from({ length: STATES }, (_, state) => sorted.subarray(Math.floor((state * sorted.length) / STATES), Math.floor(((state + 1) * sorted.length) / STATES)));
  return {
    start: each(() => 1 / STATES),
    moves: Float64Array.from({ length: STATES * STATES }, (_, at) => (at % (STATES + 1) === 0 ? STAYS : (1 - STAYS) / (STATES - 1))),
    mean: Float64Array.from(parts, (part) => part.reduce((total, value) => total + value, 0) / part.length),
    variance: Float64Array.from(parts, (part) => Math.max(floor, varianceOf(part))),
  };
}

/** How likely each state makes each return; never nothing, so that one leap does not make every state impossible. */
function likelihoods({ mean, variance }: Model, returns: Float64Array): Float64Array {
  const height = each((state) => Math.sqrt(2 * Math.PI * of(variance, state)));
  const given = new Float64Array(returns.length * STATES);
  for (let at = 0; at < returns.length; at += 1) {
    for (let state = 0; state < STATES; state += 1) {
      given[at * STATES + state] = Math.exp(-((of(returns, at) - of(mean, state)) ** 2) / (2 * of(variance, state))) / of(height, state) + 1e-300;
    }
  }
  return given;
}

type Forward = { alpha: Float64Array; scale: Float64Array; given: Float64Array };

function lookForward(model: Model, returns: Float64Array): Forward {
  const { start, moves } = model;
  const given = likelihoods(model, returns);
  const alpha = new Float64Array(given.length);
  const scale = new Float64Array(returns.length);
  for (let at = 0; at < returns.length; at += 1) {
    const [here, before] = [at * STATES, (at - 1) * STATES];
    let total = 0;
    for (let to = 0; to < STATES; to += 1) {
      let reached = at === 0 ? of(start, to) : 0;
      if (at > 0) for (let from = 0; from < STATES; from += 1) reached += of(alpha, before + from) * of(moves, from * STATES + to);
      alpha[here + to] = of(given, here + to) * reached;
      total += of(alpha, here + to);
    }
    scale[at] = total || Number.MIN_VALUE;
    for (let to = 0; to < STATES; to += 1) alpha[here + to] = of(alpha, here + to) / of(scale, at);
  }
  return { alpha, scale, given };
}

function lookBack({ moves }: Model, { scale, given }: Forward): Float64Array {
  const beta = new Float64Array(given.length);
  beta.fill(1, -STATES);
  for (let at = scale.length - 2; at >= 0; at -= 1) {
    const [here, next] = [at * STATES, (at + 1) * STATES];
    for (let from = 0; from < STATES; from += 1) {
      let total = 0;
      for (let to = 0; to < STATES; to += 1) total += of(moves, from * STATES + to) * of(given, next + to) * of(beta, next + to);
      beta[here + from] = total / of(scale, at + 1);
    }
  }
  return beta;
}

/** One round of Baum-Welch. */
function improve(model: Model, returns: Float64Array, floor: number): Model {
  const forward = lookForward(model, returns);
  const beta = lookBack(model, forward);
  const share = shareOf(forward.alpha, beta);
  const weight = new Float64Array(STATES);
  const mean = new Float64Array(STATES);
  const variance = new Float64Array(STATES);
  for (let state = 0; state < STATES; state += 1) {
    let [whole, moved, spread] = [0, 0, 0];
    for (let at = 0; at < returns.length; at += 1) {
      whole += of(share, at * STATES + state);
      moved += of(share, at * STATES + state) * of(returns, at);
    }
    weight[state] = whole || 1e-12;
    mean[state] = moved / of(weight, state);
    for (let at = 0; at < returns.length; at += 1) spread += of(share, at * STATES + state) * (of(returns, at) - of(mean, state)) ** 2;
    variance[state] = Math.max(floor, spread / of(weight, state));
  }
  return { start: share.slice(0, STATES), moves: movesOf(model, forward, beta), mean, variance };
}

/** How likely each state was at each bar, seen from both sides. */
function shareOf(alpha: Float64Array, beta: Float64Array): Float64Array {
  const share = alpha.map((value, at) => value * of(beta, at));
  for (let here = 0; here < share.length; here += STATES) {
    let total = 0;
    for (let state = 0; state < STATES; state += 1) total += of(share, here + state);
    for (let state = 0; state < STATES; state += 1) share[here + state] = of(share, here + state) / (total || 1);
  }
  return share;
}

function movesOf({ moves }: Model, { alpha, scale, given }: Forward, beta: Float64Array): Float64Array {
  const made = new Float64Array(STATES * STATES);
  for (let from = 0; from < STATES; from += 1) {
    let whole = 0;
    for (let to = 0; to < STATES; to += 1) {
      const move = of(moves, from * STATES + to);
      let total = 1e-6;
      for (let at = 0; at < scale.length - 1; at += 1) {
        const next = (at + 1) * STATES + to;
        total += (of(alpha, at * STATES + from) * move * of(given, next) * of(beta, next)) / of(scale, at + 1);
      }
      made[from * STATES + to] = total;
      whole += total;
    }
    for (let to = 0; to < STATES; to += 1) made[from * STATES + to] = of(made, from * STATES + to) / whole;
  }
  return made;
}
