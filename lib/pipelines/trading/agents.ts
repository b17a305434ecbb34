/** The agents of a signal: what each must answer, and what stands in for an answer that did not come. Pure, isomorphic. */
import { z } from "zod";
import { LlmError } from "#lib/ai/llm-error";

export const ACTIONS = ["BUY", "SELL", "BUY_LIMIT", "SELL_LIMIT", "BUY_STOP", "SELL_STOP", "HOLD"] as const;
export type Action = (typeof ACTIONS)[number];
export const directionOf = (action: Action): "BUY" | "SELL" | "HOLD" => (action.startsWith("BUY") ? "BUY" : action.startsWith("SELL") ? "SELL" : "HOLD");

/** Who can be switched off, in the order in which they speak. */
export const AGENTS = ["market_analysis", "indicator_agent", "pattern_agent", "trend_agent", "decision_agent"] as const;
export type Agent = (typeof AGENTS)[number];
export const isAgent = (name: string): name is Agent => (AGENTS as readonly string[]).includes(name);
export const VOTERS = ["indicator_agent", "pattern_agent", "trend_agent"] as const satisfies Agent[];
export type Voter = (typeof VOTERS)[number];

const Confidence = z.number().min(0).max(1);
const Grade = z.enum(["low", "medium", "high"]);
const Text = z.string().max(4_000);
/** What a vote is: a direction, and how sure the agent is of it. */
const vote = { direction: z.enum(["BUY", "SELL", "HOLD"]), confidence_score: Confidence };

export const MarketAnalysis = z.object({
  trend: z.enum(["bullish", "bearish", "ranging"]),
  trend_strength: Confidence,
  key_support: z.number(),
  key_resistance: z.number(),
  volatility: Grade,
  context_notes: Text,
});
export type MarketAnalysis = z.infer<typeof MarketAnalysis>;

const Reading = z.object({ value: z.number(), signal: z.enum(["bullish", "bearish", "neutral"]) });
export const IndicatorReport = z.object({
  rsi: Reading, macd: Reading, stochastic: Reading, roc: Reading, willr: Reading,
  overall: z.enum(["bullish", "bearish", "neutral"]),
  confidence: Grade,
  ...vote,
});
export type IndicatorReport = z.infer<typeof IndicatorReport>;

export const PatternReport = z.object({
  pattern: z.string().max(100),
  completion_state: z.enum(["forming", "complete", "none"]),
  confidence: Grade,
  bias: z.enum(["bullish", "bearish", "neutral"]),
  ...vote,
});
export type PatternReport = z.infer<typeof PatternReport>;

export const TrendReport = z.object({
  trendline_structure: Text,
  price_position: z.enum(["above_support", "near_support", "mid_range", "near_resistance", "breakout_up", "breakout_down"]),
  trend_prediction: z.enum(["upward", "downward", "sideways"]),
  key_levels: z.object({ support: z.number(), resistance: z.number() }),
  confidence: Grade,
  ...vote,
});
export type TrendReport = z.infer<typeof TrendReport>;

export const Decision = z.object({
  signal: z.enum(ACTIONS),
  confidence: Confidence,
  justification: Text,
  risk_reward_ratio: z.number().min(0).max(100),
  suggested_entry: z.number().positive().nullable(),
  invalidation_condition: Text,
  forecast_horizon: z.string().max(200),
});
export type Decision = z.infer<typeof Decision>;

export const NewsReport = z.object({ sentiment: z.enum(["BUY", "SELL", "HOLD"]), reasoning: Text });
export type NewsReport = z.infer<typeof NewsReport>;

export type Reports = { indicator_agent: IndicatorReport | null; pattern_agent: PatternReport | null; trend_agent: TrendReport | null };
export type Fault = "parse_failed" | "pipeline_error";

const neutral = { value: 0, signal: "neutral" as const };
/** What an agent counts for whose answer failed; the pattern agent then has nothing to say at all. */
export const FALLBACKS = {
  market_analysis: null,
  indicator_agent: { rsi: neutral, macd: neutral, stochastic: neutral, roc: neutral, willr: neutral, overall: "neutral", confidence: "low", direction: "HOLD", confidence_score: 0 } satisfies IndicatorReport,
  pattern_agent: null,
  trend_agent: { trendline_structure: "unknown", price_position: "mid_range", trend_prediction: "sideways", key_levels: { support: 0, resistance: 0 }, confidence: "low", direction: "HOLD", confidence_score: 0 } satisfies TrendReport,
} as const;

export const holdDecision = (why: string): Decision => ({ signal: "HOLD", confidence: 0, justification: why, risk_reward_ratio: 0, suggested_entry: null, invalidation_condition: "", forecast_horizon: "" });

/** Whether a model did answer, but not with what was asked for. */
export const faultOf = (error: unknown): Fault => (error instanceof LlmError && error.kind === "Unfit" ? "parse_failed" : "pipeline_error");
