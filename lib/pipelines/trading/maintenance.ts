/** The review of one open position: what its agents answer, and what a change must keep to. Pure. */
import { z } from "zod";
import type { Indicators } from "./indicators.ts";
import { findInstrument, pipValuePerLot } from "./instruments.ts";
import { readNews } from "./local-agents.ts";

export const TechnicalReport = z.object({
  trend: z.enum(["bullish", "bearish", "ranging"]),
  trend_strength: z.number().min(0).max(1),
  position_alignment: z.enum(["aligned", "misaligned", "neutral"]),
  technical_score: z.number().min(-1).max(1),
  notes: z.string().max(4_000),
});
export type TechnicalReport = z.infer<typeof TechnicalReport>;

export const SentimentReport = z.object({
  sentiment_direction: z.enum(["bullish", "bearish", "neutral"]),
  event_risk: z.enum(["low", "medium", "high"]),
  key_events: z.array(z.string().max(500)).max(20),
  sentiment_score: z.number().min(-1).max(1),
  notes: z.string().max(4_000),
});
export type SentimentReport = z.infer<typeof SentimentReport>;

export const MaintenanceDecision = z.object({
  action: z.enum(["HOLD", "CLOSE", "MODIFY"]),
  new_sl: z.number().positive().nullable(),
  new_tp: z.number().positive().nullable(),
  confidence: z.number().min(0).max(1),
  rationale: z.string().max(4_000),
});
export type MaintenanceDecision = z.infer<typeof MaintenanceDecision>;

export type PositionState = {
  ticket: number; symbol: string; direction: string; entry: number; current_price: number; sl: number | null; tp: number | null; pnl: number; volume: number; hours_open: number; status: string;
};
export type Constraints = { sl_pips: number; risk_pct: number; balance: number; account_type: string };

/** A MODIFY or CLOSE below this is not sure enough. */
export const LEAST_CONFIDENCE = 0.6;
/** What a moved stop may cost more than the account's risk. */
const RISK_SLACK = 1.2;
/** The distance to the stop that a change keeps to where no strategy says: half an average true range. */
export const leastStopPips = (symbol: string, indicators: Indicators): number => Math.max(1, Math.round((indicators.atr_14 * 0.5) / findInstrument(symbol).pip));

/** The first rule that moved stops break, in words; null when they may be sent. */
export function findBreach(position: PositionState, { new_sl, new_tp }: Pick<MaintenanceDecision, "new_sl" | "new_tp">, { sl_pips, risk_pct, balance, account_type }: Constraints): string | null {
  const sl = new_sl ?? position.sl;
  const tp = new_tp ?? position.tp;
  if (sl === null || tp === null) return "A position without a stop loss and a take profit is not modified";
  const isLong = position.direction === "BUY";
  const sign = isLong ? 1 : -1;
  const { pip } = findInstrument(position.symbol);
  const distance = (position.current_price - sl) * sign;
  const pips = distance / pip;
  if (pips < sl_pips) return `The stop loss would lie ${round(pips)} pips from the price; ${sl_pips} are the least`;
  const isInProfit = (position.current_price - position.entry) * sign > 0;
  if (isInProfit && position.sl !== null && (sl - position.sl) * sign < 0) return "The position is in profit: its stop loss may only move in its favour";
  // What is lost from the entry, not from where the price is now.
  const risk = Math.max(0, ((position.entry - sl) * sign) / pip) * pipValuePerLot(findInstrument(position.symbol), position.entry, account_type) * position.volume;
  if (risk > balance * risk_pct * RISK_SLACK) return `The stop loss would risk ${round(risk)}; ${round(balance * risk_pct * RISK_SLACK)} is the most`;
  const reward = (tp - position.current_price) * sign;
  if (reward < distance) return `The reward (${round(reward / pip)} pips) would be below the risk (${round(pips)} pips)`;
  return null;
}

const round = (value: number): number => Math.round(value * 100) / 100;

export function playTechnical(position: PositionState, indicators: Indicators): TechnicalReport {
  const { sma_20, ema_50 = sma_20, rsi_14 } = indicators;
  const price = position.current_price;
  const score = (Math.sign(price - sma_20) + Math.sign(sma_20 - ema_50) + Math.sign(rsi_14 - 50)) / 3;
  const trend = score > 0.5 ? "bullish" : score < -0.5 ? "bearish" : "ranging";
  const own = score * (position.direction === "BUY" ? 1 : -1);
  return {
    trend, trend_strength: round(Math.abs(score)), technical_score: round(own),
    position_alignment: own > 0.3 ? "aligned" : own < -0.3 ? "misaligned" : "neutral",
    notes: `Price ${price} against SMA 20 ${sma_20} and EMA 50 ${ema_50}, RSI ${rsi_14}.`,
  };
}

export function playSentiment(titles: string[], history: { profit: number | null }[]): SentimentReport {
  const news = readNews(titles);
  const direction = news.sentiment === "BUY" ? "bullish" : news.sentiment === "SELL" ? "bearish" : "neutral";
  const closed = history.flatMap(({ profit }) => profit ?? []);
  return {
    sentiment_direction: direction, event_risk: titles.length > 5 ? "high" : titles.length > 1 ? "medium" : "low", key_events: titles.slice(0, 5),
    sentiment_score: direction === "bullish" ? 0.5 : direction === "bearish" ? -0.5 : 0,
    notes: `${news.reasoning} ${closed.length} closed trades of this symbol, ${closed.filter((profit) => profit > 0).length} with profit.`,
  };
}

/** Leaves a misaligned position, protects a profit of more than a range, and otherwise does nothing. */
export function playDecision(position: PositionState, technical: TechnicalReport | null, sentiment: SentimentReport | null, indicators: Indicators): MaintenanceDecision {
  const sign = position.direction === "BUY" ? 1 : -1;
  const technicalScore = technical?.technical_score ?? 0;
  const mood = (sentiment?.sentiment_score ?? 0) * sign;
  const hold = (confidence: number, rationale: string): MaintenanceDecision => ({ action: "HOLD", new_sl: null, new_tp: null, confidence, rationale });
  if (position.status === "pending") return technicalScore <= -0.6 ? { ...hold(0.8, "The market has turned against the pending order."), action: "CLOSE" } : hold(0.7, "The order may wait.");
  if (technicalScore + mood * 0.4 <= -0.6) return { ...hold(Math.min(1, 0.7 + Math.abs(mood) * 0.2), "The market goes against the position."), action: "CLOSE" };
  const gain = (position.current_price - position.entry) * sign;
  const atr = indicators.atr_14;
  if (gain > atr && position.sl !== null && position.tp !== null) {
    const stop = tidy(position.current_price - sign * atr * 1.5);
    if ((stop - position.sl) * sign > 0) return { action: "MODIFY", new_sl: stop, new_tp: tidy(Math.max(position.tp * sign, (position.current_price + sign * atr * 2) * sign) * sign), confidence: 0.75, rationale: "The profit is protected by a closer stop." };
  }
  return hold(0.7, "Nothing speaks against leaving it as it is.");
}

const tidy = (price: number): number => Number(price.toPrecision(8));
