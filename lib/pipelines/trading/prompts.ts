/** What the agents are asked. The same words whoever answers; the audit keeps them. Pure. */
import type { MarketAnalysis, Reports } from "./agents.ts";
import { fitTrend, type Indicators, type Oscillators } from "./indicators.ts";
import type { Market } from "./candles.ts";
import type { Bar } from "./price-rows.ts";
import type { VoteSummary } from "./votes.ts";

const desk = (who: string) => `You are ${who} of a trading desk that trades on paper. Judge by what you are given and nothing else. confidence_score and confidence between 0 and 1 are how sure you are; say less rather than more.`;

export const SYSTEMS = {
  market_analysis: desk("the market analyst"),
  indicator_agent: desk("the indicator analyst"),
  pattern_agent: desk("the chart pattern analyst"),
  trend_agent: desk("the trendline analyst"),
  execution_decision: desk("the one who decides"),
  news_analysis: desk("the news analyst"),
  maintenance_technical: desk("the technical reviewer of an open position"),
  maintenance_sentiment: desk("the sentiment reviewer of an open position"),
  maintenance_decision: desk("the one who decides on an open position"),
} as const;

const json = (value: unknown): string => JSON.stringify(value);
const digest = (bars: Bar[]): string => bars.map(({ at, open, high, low, close, volume }) => `${at.toISOString().slice(0, 16)} ${open} ${high} ${low} ${close} ${volume}`).join("\n");
const about = ({ symbol, timeframe, last }: Market): string => `SYMBOL ${symbol} (${timeframe})\nPRICE ${last?.close ?? "unknown"} at ${last?.at.toISOString() ?? "unknown"}`;
const contextOf = (context: MarketAnalysis | null): string => `MARKET CONTEXT ${context ? json(context) : "not available"}`;

export function marketPrompt(market: Market, indicators: Indicators, more: { news?: string; positions: unknown[]; signals: unknown[] }): string {
  return [about(market), `INDICATORS ${json(indicators)}`, `OPEN POSITIONS ${json(more.positions)}`, `LAST SIGNALS ${json(more.signals)}`, `NEWS ${more.news ?? "not asked for"}`, "Describe trend, levels and volatility for the analysts after you."].join("\n\n");
}

export const indicatorPrompt = (market: Market, values: Oscillators, context: MarketAnalysis | null): string =>
  [about(market), `OSCILLATORS ${json(values)}`, contextOf(context), "Read each indicator, then vote: direction and confidence_score."].join("\n\n");

export const patternPrompt = (market: Market, context: MarketAnalysis | null): string =>
  [about(market), `BARS, oldest first: time open high low close volume\n${digest(market.bars.slice(-50))}`, contextOf(context), "Name the pattern that the bars (and the chart, if there is one) show, then vote: direction and confidence_score."].join("\n\n");

export function trendPrompt(market: Market, context: MarketAnalysis | null): string {
  const { support, resistance } = fitTrend(market.bars);
  return [about(market), `LINES through the last 50 bars: support ${json(support)}, resistance ${json(resistance)} (value at the last bar, rise per bar); in the chart support is blue and resistance red.`, `BARS, oldest first: time open high low close volume\n${digest(market.bars.slice(-50))}`, contextOf(context), "Say where the price goes, then vote: direction and confidence_score."].join("\n\n");
}

export function decisionPrompt(market: Market, context: MarketAnalysis | null, reports: Reports, summary: VoteSummary, custom: string | null): string {
  const lines = Object.entries(reports).map(([agent, report]) => {
    const vote = summary.votes.find((one) => one.agent === agent);
    return `${agent} (weight ${vote ? vote.weight : 0}) ${report ? json(report) : "not available"}`;
  });
  return [about(market), contextOf(context), `REPORTS\n${lines.join("\n")}`, `VOTE ${json(summary)}`, ...(custom ? [`STRATEGY ${custom.slice(0, 4_000)}`] : []), "Decide. A pending order wants suggested_entry; HOLD when in doubt."].join("\n\n");
}

export const newsPrompt = (symbol: string, events: { at: string; title: string; impact: string }[]): string =>
  `SYMBOL ${symbol}\n\nHEADLINES ${events.length === 0 ? "none" : json(events)}\n\nSay which way the news pulls, and why.`;

export const reviewPrompt = (parts: Record<string, unknown>, ask: string): string =>
  `${Object.entries(parts).map(([name, value]) => `${name.toUpperCase()} ${typeof value === "string" ? value : json(value)}`).join("\n\n")}\n\n${ask}`;
