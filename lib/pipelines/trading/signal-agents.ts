/** Who is asked what about a symbol, in which order, and how their reports become one decision. */
import { aiSnapshot, takesImages } from "#lib/ai/provider";
import { BRIEF, type Json } from "#lib/engine/define";
import type { Env } from "#lib/env";
import { type Action, Decision, directionOf, FALLBACKS, holdDecision, IndicatorReport, isAgent, type MarketAnalysis, MarketAnalysis as MarketAnalysisSchema, NewsReport, PatternReport, type Reports, TrendReport, type Voter, VOTERS } from "./agents.ts";
import { ask, type Answer, type Question } from "./ask.ts";
import type { Market } from "./candles.ts";
import { renderChart } from "./chart.ts";
import { type AgentSwitches, readAgentSwitches } from "./desk.ts";
import { computeOscillators, type Indicators } from "./indicators.ts";
import { analyseMarket, playDecisionAgent, playIndicatorAgent, playPatternAgent, playTrendAgent, readNews } from "./local-agents.ts";
import { chartPrompt, decisionPrompt, indicatorPrompt, marketPrompt, newsPrompt, patternPrompt, TEMPLATES, trendPrompt } from "./prompts.ts";
import type { Regime } from "./regime.ts";
import { envOfRole } from "./role-models.ts";
import type { KnownMarket, SignalCtx, Strategy } from "./signal-data.ts";
import { countVotes, type VoteSummary } from "./votes.ts";

export type Verdict = { action: Action; confidence: number; rationale: string; entry: number | null; provider: string; model: string; context: MarketAnalysis | null };
export type Given = { market: KnownMarket; indicators: Indicators; /** The strategy's other timeframes. */ context: Record<string, Json>; regime: Regime | null; positions: Json[]; signals: Json[]; news: NewsReport | null; strategy: Strategy | null; accountId: number };

/** Hours of news that are read before the bar that is decided on. */
const NEWS_HOURS = 24;
/** With fewer bars there is nothing that a chart could show. */
const CHART_BARS = 20;

/** Headlines and what they say. Never ends the run: without an answer there is no news. */
export async function askNews(ctx: SignalCtx, { market, accountId }: Pick<Given, "market" | "accountId">): Promise<NewsReport | null> {
  try {
    const { events } = await ctx.step("news_fetch", { symbol: market.symbol, hours: NEWS_HOURS }, async () => {
      const since = new Date(market.last.at.getTime() - NEWS_HOURS * 3_600_000);
      const rows = await ctx.db.newsEvent.findMany({ where: { symbol: market.symbol, at: { gt: since, lte: market.last.at } }, orderBy: [{ at: "desc" }, { id: "desc" }], take: 20 });
      return { events: rows.map(({ at, title, impact }) => ({ at: at.toISOString(), title, impact })), count: rows.length };
    }, BRIEF);
    const { value } = await ask(ctx, {
      step: "news_analysis", subject: market.symbol, accountId, models: ctx.params.models, template: TEMPLATES.news_analysis, prompt: newsPrompt(market.symbol, events),
      schema: NewsReport, local: () => readNews(events.map(({ title }) => title)), input: { events: events.length },
    });
    return value;
  } catch (error) {
    if (ctx.signal.aborted) throw error;
    return null;
  }
}

/** The whole conversation: context, three agents at once, their vote, the decision. One agent's failure is a fallback, never the end. */
export async function askAgents(ctx: SignalCtx, given: Given): Promise<Verdict> {
  const { market, indicators, accountId, strategy } = given;
  const { symbol } = market;
  const { models } = ctx.params;
  const common = { subject: symbol, accountId, models };
  const switches = await readAgentSwitches(ctx.db);
  const analysed = await ask<MarketAnalysis>(ctx, {
    ...common, step: "market_analysis_llm", template: TEMPLATES.market_analysis,
    prompt: marketPrompt(market, indicators, { context: given.context, positions: given.positions, signals: given.signals, news: given.news?.reasoning ?? null }),
    schema: MarketAnalysisSchema, local: () => analyseMarket(market.last.close, indicators),
    input: { symbol, timeframe: market.timeframe, price: market.last.close, indicators, ...(Object.keys(given.context).length > 0 && { timeframes: given.context }), news: given.news?.sentiment ?? null, open_positions: given.positions.length, last_signals: given.signals.length },
  });
  const context = analysed.value;
  const { reports, faults } = switches.agent_pipeline ? await askVoters(ctx, given, context, switches) : { reports: { indicator_agent: null, pattern_agent: null, trend_agent: null }, faults: {} };
  const chart = switches.agent_pipeline ? null : await askChart(ctx, given, context);
  const summary = switches.agent_pipeline ? await vote(ctx, reports, faults) : leanOn(context);
  if (!summary.reached) {
    await ctx.skip("execution_decision_llm", `No quorum: ${summary.counts.BUY} for BUY, ${summary.counts.SELL} for SELL, ${summary.counts.HOLD} for HOLD of ${summary.votes.length} votes; the signal is HOLD`);
    const { provider, model } = aiSnapshot();
    return { action: "HOLD", confidence: 0, rationale: "The agents reached no quorum.", entry: null, provider, model, context };
  }
  const decided = await ask<Decision>(ctx, {
    ...common, step: "execution_decision_llm", template: TEMPLATES.execution_decision,
    prompt: decisionPrompt(market, context, chart ? { ...reports, chart_vision: chart } : reports, summary, strategy?.customPrompt ?? null),
    schema: Decision, local: () => playDecisionAgent(summary, market.last.close, indicators),
    input: { symbol, price: market.last.close, vote_summary: summary, reports: { ...reports, ...(chart && { chart_vision: chart }) } },
  });
  const decision = decided.value ?? holdDecision(`The decision failed: ${decided.fault}.`);
  return { action: decision.signal, confidence: decision.confidence, rationale: decision.justification, entry: decision.suggested_entry, provider: decided.provider, model: decided.model, context };
}

/** What the chart shows, where there are no agents who look at it themselves and the model takes pictures. */
async function askChart(ctx: SignalCtx, { market, accountId }: Given, context: MarketAnalysis | null): Promise<PatternReport | null> {
  const { models } = ctx.params;
  if (!takesImages(envOfRole(models, "chart_vision")) || market.bars.length < CHART_BARS) return null;
  const { value } = await ask<PatternReport>(ctx, {
    step: "chart_vision_llm", subject: market.symbol, accountId, models, template: TEMPLATES.chart_vision, prompt: chartPrompt(market, context), schema: PatternReport,
    local: () => playPatternAgent(market.bars, context), ...(await chartOf(market, true, envOfRole(models, "chart_vision"))),
  });
  return value;
}

type Heard = { reports: Reports; faults: Partial<Record<Voter, string>> };

async function askVoters(ctx: SignalCtx, { market, accountId }: Given, context: MarketAnalysis | null, switches: AgentSwitches): Promise<Heard> {
  const values = await computeOscillators(market.bars);
  const hasChart = market.bars.length >= CHART_BARS;
  const { models } = ctx.params;
  const common = { subject: market.symbol, accountId, models };
  const faults: Heard["faults"] = {};
  const hear = async <T>(agent: Voter, question: () => Promise<Omit<Question<T>, "step" | "template" | "subject" | "accountId" | "models">>, fallback: T | null, isCharted: boolean): Promise<T | null> => {
    if (isAgent(agent) && !switches[agent]) return ctx.skip(`${agent}_llm`, "This agent is switched off").then(() => null);
    if (isCharted && !hasChart) return ctx.skip(`${agent}_llm`, `There is no chart of fewer than ${CHART_BARS} bars`).then(() => null);
    const answer: Answer<T> = await ask<T>(ctx, { ...common, step: `${agent}_llm`, template: TEMPLATES[agent], ...(await question()) });
    if (answer.fault) faults[agent] = answer.fault;
    return answer.value ?? fallback;
  };
  const [indicator_agent, pattern_agent, trend_agent] = await Promise.all([
    hear<IndicatorReport>("indicator_agent", async () => ({ prompt: indicatorPrompt(market, values, context), schema: IndicatorReport, local: () => playIndicatorAgent(values, context), input: { ...values, context: context !== null } }), FALLBACKS.indicator_agent, false),
    hear<PatternReport>("pattern_agent", async () => ({ prompt: patternPrompt(market, context), schema: PatternReport, local: () => playPatternAgent(market.bars, context), ...(await chartOf(market, false, envOfRole(models, "pattern_agent"))) }), FALLBACKS.pattern_agent, true),
    hear<TrendReport>("trend_agent", async () => ({ prompt: trendPrompt(market, context), schema: TrendReport, local: () => playTrendAgent(market.bars), ...(await chartOf(market, true, envOfRole(models, "trend_agent"))) }), FALLBACKS.trend_agent, true),
  ]);
  return { reports: { indicator_agent, pattern_agent, trend_agent }, faults };
}

/** The chart, where the model takes pictures; the bars themselves are in the prompt in any case. */
async function chartOf(market: Market, lines: boolean, env: Env): Promise<{ images?: { mimeType: string; base64: string }[]; input: Json }> {
  const input = { symbol: market.symbol, timeframe: market.timeframe, bars: Math.min(50, market.bars.length) };
  if (!takesImages(env)) return { input: { ...input, chart: null } };
  const png = await renderChart(market.bars, { lines });
  return { images: [{ mimeType: "image/png", base64: png.toString("base64") }], input: { ...input, chart: { mimeType: "image/png", bytes: png.length } } };
}

/** Counts the votes, in the trace: what an agent whose answer failed counts for is seen here. */
async function vote(ctx: SignalCtx, reports: Reports, faults: Heard["faults"]): Promise<VoteSummary> {
  const input = Object.fromEntries(VOTERS.map((agent) => [agent, reports[agent] ? { direction: reports[agent].direction, confidence: reports[agent].confidence_score, ...(faults[agent] && { error: faults[agent] }) } : { error: faults[agent] ?? "not available" }]));
  return ctx.step("vote_summary", input, async () => countVotes(reports), BRIEF);
}

/** Without agents the market analysis alone leans one way. */
function leanOn(context: MarketAnalysis | null): VoteSummary {
  const direction = context?.trend === "bullish" ? "BUY" : context?.trend === "bearish" ? "SELL" : "HOLD";
  const strength = context?.trend_strength ?? 0;
  return { votes: [], missing: [...VOTERS], counts: { BUY: 0, SELL: 0, HOLD: 0 }, direction, reached: true, score: direction === "SELL" ? -strength : direction === "BUY" ? strength : 0, confidence: direction === "HOLD" ? 0 : 0.5 + strength / 2 };
}

export const contradicts = (action: Action, news: NewsReport | null): boolean => news !== null && news.sentiment !== "HOLD" && directionOf(action) !== "HOLD" && news.sentiment !== directionOf(action);
