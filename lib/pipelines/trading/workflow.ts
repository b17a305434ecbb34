/** The agents as they are: what each is given (the holes of its prompt), what it must answer (its schema), what it counts for. Pure. */
import type { z } from "zod";
import { type Agent, Decision, IndicatorReport, MarketAnalysis, NewsReport, PatternReport, TrendReport } from "./agents.ts";
import { MaintenanceDecision, SentimentReport, TechnicalReport } from "./maintenance.ts";
import { TEMPLATES } from "./prompts.ts";
import { WEIGHTS } from "./votes.ts";

type Role = keyof typeof TEMPLATES;
export type AgentCard = {
  /** The role under which its calls are in the AI audit; its step has `_llm` behind it where the contract says so. */
  role: Role;
  step: string;
  does: string;
  gets: string[];
  gives: string[];
  /** Its share in the decision. */
  weight: number | null;
  /** What switches it off, where it can be. */
  switch: Exclude<Agent, "market_analysis" | "decision_agent"> | null;
  /** What counts when its answer fails. */
  fallback: string;
};

function declare(role: Role, schema: z.ZodObject, { step = `${role}_llm`, weight = null, off = null, fallback }: { step?: string; weight?: number | null; off?: AgentCard["switch"]; fallback: string }): AgentCard {
  const { text, description } = TEMPLATES[role];
  const gets = [...new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, hole = ""]) => hole))];
  return { role, step, does: description, gets, gives: Object.keys(schema.shape), weight, switch: off, fallback };
}

/** Agents of one row speak at once; rows one after another. */
export const WORKFLOW: Record<"signal" | "maintenance", AgentCard[][]> = {
  signal: [
    [declare("news_analysis", NewsReport, { step: "news_analysis", fallback: "No news; asked only where a run or its strategy wants it" })],
    [declare("market_analysis", MarketAnalysis, { fallback: "No context; the others go on without" })],
    [
      declare("indicator_agent", IndicatorReport, { weight: WEIGHTS.indicator_agent, off: "indicator_agent", fallback: "Neutral, votes HOLD with confidence 0" }),
      declare("pattern_agent", PatternReport, { weight: WEIGHTS.pattern_agent, off: "pattern_agent", fallback: "No vote; its weight is shared out" }),
      declare("trend_agent", TrendReport, { weight: WEIGHTS.trend_agent, off: "trend_agent", fallback: "Sideways, votes HOLD with confidence 0" }),
    ],
    [declare("chart_vision", PatternReport, { fallback: "Not available to the decision; asked only while the agents above are switched off, of a model that takes pictures" })],
    [declare("execution_decision", Decision, { fallback: "HOLD with confidence 0; not asked at all without a quorum" })],
  ],
  maintenance: [
    [
      declare("maintenance_technical", TechnicalReport, { step: "maintenance_technical", fallback: "Not available to the decision" }),
      declare("maintenance_sentiment", SentimentReport, { step: "maintenance_sentiment", fallback: "Not available to the decision" }),
    ],
    [declare("maintenance_decision", MaintenanceDecision, { step: "maintenance_decision", fallback: "HOLD" })],
  ],
};

export const AGENT_ROLES: string[] = Object.values(WORKFLOW).flat(2).map(({ role }) => role);

/** What stands between a verdict and an order, in order: each a step that a run shows. */
export const GATES = [
  { step: "kill_switch_check", does: "Ends the run when the kill switch is on; asked again before an order" },
  { step: "rate_limit_check", does: "Analyses of an account in a minute" },
  { step: "risk_limit_pre_check", does: "Open positions, and trades of a symbol in its window; over it the signal is HOLD and nobody is asked" },
  { step: "vote_summary", does: "Two of three must agree on a direction, else HOLD without a decision" },
  { step: "confidence_gate", does: "Below the least confidence the signal becomes HOLD" },
  { step: "regime_gate", does: "Directions that are not traded in a regime become HOLD" },
  { step: "auto_trade_check", does: "Without automatic trading the signal is written down and not traded" },
] as const;
