/** The local analyser: plays each agent from the figures alone, the same every time. It is no model, and calls say so. */
import type { Decision, IndicatorReport, MarketAnalysis, NewsReport, PatternReport, TrendReport } from "./agents.ts";
import { fitTrend, type Indicators, type Oscillators } from "./indicators.ts";
import type { Bar } from "./price-rows.ts";
import type { VoteSummary } from "./votes.ts";

const round = (value: number, digits = 4): number => Number(value.toFixed(digits));
const clamp = (value: number): number => Math.min(1, Math.max(0, value));
const grade = (value: number) => (value >= 0.7 ? "high" : value >= 0.4 ? "medium" : "low");
type Lean = "bullish" | "bearish" | "neutral";
const leanOf = (score: number, least: number): Lean => (score > least ? "bullish" : score < -least ? "bearish" : "neutral");
const voteOf = (lean: Lean) => (lean === "bullish" ? "BUY" : lean === "bearish" ? "SELL" : "HOLD");

export function analyseMarket(price: number, indicators: Indicators): MarketAnalysis {
  const { sma_20, ema_50 = sma_20, ema_200 = ema_50, atr_14, recent_high, recent_low } = indicators;
  const signs = [price - sma_20, sma_20 - ema_50, ema_50 - ema_200].map((difference) => Math.sign(Math.round((difference / price) * 2_000)));
  const score = signs.reduce((sum, sign) => sum + sign, 0) / 3;
  const unrest = atr_14 / price;
  const trend = score >= 0.5 ? "bullish" : score <= -0.5 ? "bearish" : "ranging";
  return {
    trend,
    trend_strength: round(Math.abs(score)),
    key_support: recent_low,
    key_resistance: recent_high,
    volatility: unrest > 0.025 ? "high" : unrest > 0.008 ? "medium" : "low",
    context_notes: `Price ${price} against SMA 20 ${sma_20} and EMA 50 ${ema_50}; a bar moves ${(unrest * 100).toFixed(2)} % on average.`,
  };
}

export function playIndicatorAgent(values: Oscillators, context: MarketAnalysis | null): IndicatorReport {
  // In a trend an oscillator at its end is strength; in a range it is a turn.
  const turns = context?.trend === "ranging" ? 1 : -1;
  const reading = (value: number, lean: Lean) => ({ value: round(value), signal: lean });
  const rsi = reading(values.rsi, values.rsi > 70 ? leanOf(-turns, 0) : values.rsi < 30 ? leanOf(turns, 0) : leanOf(values.rsi - 50, 4));
  const macd = reading(values.macd_histogram, leanOf(values.macd_histogram + values.macd_line * 0.25, 0));
  const stochastic = reading(values.stoch_k, values.stoch_k > 80 ? leanOf(-turns, 0) : values.stoch_k < 20 ? leanOf(turns, 0) : leanOf(values.stoch_k - values.stoch_d, 3));
  const roc = reading(values.roc, leanOf(values.roc, 0.5));
  const willr = reading(values.willr, values.willr > -20 ? leanOf(-turns, 0) : values.willr < -80 ? leanOf(turns, 0) : leanOf(values.willr + 50, 10));
  const readings = [rsi, macd, stochastic, roc, willr];
  const score = readings.reduce((sum, { signal }) => sum + (signal === "bullish" ? 1 : signal === "bearish" ? -1 : 0), 0) / readings.length;
  const overall = leanOf(score, 0.3);
  const sure = round(overall === "neutral" ? 0.5 : clamp(0.5 + Math.abs(score) * 0.45));
  return { rsi, macd, stochastic, roc, willr, overall, confidence: grade(sure), direction: voteOf(overall), confidence_score: sure };
}

export function playPatternAgent(bars: Bar[], context: MarketAnalysis | null): PatternReport {
  const [before, previous, last] = bars.slice(-3);
  const report = (pattern: string, bias: Lean, state: PatternReport["completion_state"], sure: number): PatternReport => ({ pattern, completion_state: state, confidence: grade(sure), bias, direction: voteOf(bias), confidence_score: round(sure) });
  if (!before || !previous || !last) return report("none", "neutral", "none", 0.3);
  const body = last.close - last.open;
  const range = Math.max(last.high - last.low, 1e-9);
  const recent = bars.slice(-20, -1);
  const [top, bottom] = [Math.max(...recent.map(({ high }) => high)), Math.min(...recent.map(({ low }) => low))];
  if (last.close > top) return report("range breakout", "bullish", "complete", 0.82);
  if (last.close < bottom) return report("range breakdown", "bearish", "complete", 0.82);
  if (body > 0 && previous.close < previous.open && last.close >= previous.open && last.open <= previous.close) return report("bullish engulfing", "bullish", "complete", 0.75);
  if (body < 0 && previous.close > previous.open && last.close <= previous.open && last.open >= previous.close) return report("bearish engulfing", "bearish", "complete", 0.75);
  const lowerWick = Math.min(last.open, last.close) - last.low;
  const upperWick = last.high - Math.max(last.open, last.close);
  if (lowerWick > range * 0.6 && Math.abs(body) < range * 0.3) return report("hammer", "bullish", "forming", 0.6);
  if (upperWick > range * 0.6 && Math.abs(body) < range * 0.3) return report("shooting star", "bearish", "forming", 0.6);
  const half = bars.slice(-20);
  const [early, late] = [half.slice(0, 10), half.slice(10)];
  const rising = Math.min(...late.map(({ low }) => low)) > Math.min(...early.map(({ low }) => low)) && Math.max(...late.map(({ high }) => high)) > Math.max(...early.map(({ high }) => high));
  const falling = Math.min(...late.map(({ low }) => low)) < Math.min(...early.map(({ low }) => low)) && Math.max(...late.map(({ high }) => high)) < Math.max(...early.map(({ high }) => high));
  if (rising) return report("higher highs and higher lows", "bullish", "forming", context?.trend === "bullish" ? 0.72 : 0.6);
  if (falling) return report("lower highs and lower lows", "bearish", "forming", context?.trend === "bearish" ? 0.72 : 0.6);
  return report("none", "neutral", "none", 0.4);
}

export function playTrendAgent(bars: Bar[]): TrendReport {
  const { support, resistance } = fitTrend(bars);
  const price = bars.at(-1)?.close ?? 0;
  const slope = (support.slope + resistance.slope) / 2 / Math.max(price, 1e-9);
  const width = Math.max(resistance.last - support.last, 1e-9);
  const place = (price - support.last) / width;
  // A drift of a thousandth of the price a bar is a strong one.
  const strength = clamp(Math.abs(slope) / 0.001);
  const prediction = strength < 0.3 ? "sideways" : slope > 0 ? "upward" : "downward";
  const sure = round(prediction === "sideways" ? 0.5 : clamp(0.5 + strength * 0.4));
  return {
    trendline_structure: `support ${support.slope > 0 ? "rising" : "falling"}, resistance ${resistance.slope > 0 ? "rising" : "falling"}`,
    price_position: place > 1 ? "breakout_up" : place < 0 ? "breakout_down" : place > 0.8 ? "near_resistance" : place < 0.2 ? "near_support" : "mid_range",
    trend_prediction: prediction,
    key_levels: { support: round(support.last), resistance: round(resistance.last) },
    confidence: grade(sure),
    direction: prediction === "upward" ? "BUY" : prediction === "downward" ? "SELL" : "HOLD",
    confidence_score: sure,
  };
}

/** Follows the quorum; where the price has run ahead of its bands it waits for it with a limit order. */
export function playDecisionAgent(summary: VoteSummary, price: number, indicators: Indicators): Decision {
  const { direction, confidence, votes } = summary;
  const { bb_upper, bb_lower, sma_20, atr_14 } = indicators;
  const isStretched = (direction === "BUY" && bb_upper !== undefined && price > bb_upper && sma_20 < price) || (direction === "SELL" && bb_lower !== undefined && price < bb_lower && sma_20 > price);
  const signal = direction === "HOLD" ? "HOLD" : isStretched ? (`${direction}_LIMIT` as const) : direction;
  const agreeing = votes.filter((vote) => vote.direction === direction).map(({ agent }) => agent.replace("_agent", ""));
  return {
    signal,
    confidence,
    justification: direction === "HOLD" ? "The agents do not agree on a direction." : `${agreeing.join(", ")} agree on ${direction}; weighted score ${summary.score}.`,
    risk_reward_ratio: 1.5,
    suggested_entry: isStretched ? round(direction === "BUY" ? price - atr_14 * 0.5 : price + atr_14 * 0.5) : null,
    invalidation_condition: direction === "HOLD" ? "" : `a close ${direction === "BUY" ? "below" : "above"} ${round(direction === "BUY" ? price - 2 * atr_14 : price + 2 * atr_14)}`,
    forecast_horizon: "10 bars",
  };
}

const GOOD = /\b(beat|beats|raise[sd]?|upgrade[sd]?|record|growth|surge[sd]?|rall(y|ies)|approv(al|es|ed)|profit|strong|gains?)\b/i;
const BAD = /\b(miss(es|ed)?|cuts?|downgrade[sd]?|probe|lawsuit|recall|loss(es)?|weak|falls?|plunge[sd]?|warn(s|ing)?|bankrupt\w*|fraud)\b/i;

export function readNews(titles: string[]): NewsReport {
  const score = titles.reduce((sum, title) => sum + (GOOD.test(title) ? 1 : 0) - (BAD.test(title) ? 1 : 0), 0);
  return { sentiment: score > 0 ? "BUY" : score < 0 ? "SELL" : "HOLD", reasoning: titles.length === 0 ? "There is no news." : `${titles.length} headlines, by their words ${score > 0 ? "good" : score < 0 ? "bad" : "neither good nor bad"}.` };
}
