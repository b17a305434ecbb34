/** Weights and votes of the three agents. Pure. */
import { type Reports, type Voter, VOTERS } from "./agents.ts";

/** What each report counts for in the decision. */
export const WEIGHTS: Record<Voter, number> = { indicator_agent: 0.4, pattern_agent: 0.35, trend_agent: 0.25 };
/** The share of the agents that voted which must agree on a direction. */
const QUORUM = 2 / 3;

export type Vote = { agent: Voter; direction: "BUY" | "SELL" | "HOLD"; confidence: number; weight: number };
export type VoteSummary = {
  votes: Vote[];
  missing: Voter[];
  /** Votes for each direction. */
  counts: { BUY: number; SELL: number; HOLD: number };
  /** What two of three agree on; HOLD when they do not, or agree on it. */
  direction: "BUY" | "SELL" | "HOLD";
  reached: boolean;
  /** Of all agents by weight, BUY above zero and SELL below: -1 to 1. */
  score: number;
  /** How sure those who agree are, by weight, less what dissent takes: 0 to 1. */
  confidence: number;
};

/** The weights of those who spoke: what the missing had is shared out in proportion, so that they add up to 1. */
export function shareWeights(present: readonly Voter[]): Partial<Record<Voter, number>> {
  const sum = present.reduce((total, agent) => total + WEIGHTS[agent], 0);
  return Object.fromEntries(present.map((agent) => [agent, round(WEIGHTS[agent] / sum)]));
}

/** Dissent costs this share of its weight. */
const DISSENT = 0.3;

export function countVotes(reports: Reports): VoteSummary {
  const present = VOTERS.filter((agent) => reports[agent] !== null);
  const weights = shareWeights(present);
  const votes = present.flatMap((agent): Vote[] => {
    const report = reports[agent];
    return report ? [{ agent, direction: report.direction, confidence: report.confidence_score, weight: weights[agent] ?? 0 }] : [];
  });
  const counts = { BUY: 0, SELL: 0, HOLD: 0 };
  for (const { direction } of votes) counts[direction] += 1;
  const leading = counts.BUY >= counts.SELL ? "BUY" : "SELL";
  // A tie has no majority of two thirds, so which one leads does not matter.
  const reached = votes.length > 0 && counts[leading] / votes.length >= QUORUM - 1e-9;
  const agreeing = votes.filter(({ direction }) => direction === leading);
  const agreed = agreeing.reduce((sum, { weight }) => sum + weight, 0);
  const against = votes.filter(({ direction }) => direction !== leading && direction !== "HOLD").reduce((sum, { weight }) => sum + weight, 0);
  const sure = agreed > 0 ? agreeing.reduce((sum, { weight, confidence }) => sum + weight * confidence, 0) / agreed : 0;
  return {
    votes,
    missing: VOTERS.filter((agent) => reports[agent] === null),
    counts,
    direction: reached ? leading : "HOLD",
    reached,
    score: round(votes.reduce((sum, { direction, weight, confidence }) => sum + (direction === "BUY" ? 1 : direction === "SELL" ? -1 : 0) * weight * confidence, 0)),
    confidence: reached ? round(Math.max(0, sure - DISSENT * against)) : 0,
  };
}

const round = (value: number): number => Math.round(value * 10_000) / 10_000;
