/** What a run of the desk decided, read back from its steps: who voted what, which gate said what, and the prices around it. */
import { z } from "zod";
import { allow } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { readMarket } from "./candles.ts";
import type { Bar } from "./price-rows.ts";
import { isTimeframe } from "./timeframes.ts";
import { GATES, WORKFLOW } from "./workflow.ts";

/** Bars of the chart. */
const CHART_BARS = 80;
/** Steps of one run that are looked at; a run of the desk has about twenty. */
const MOST_STEPS = 500;

const Head = z.object({
  accountId: z.number(), account: z.string(), symbol: z.string(), timeframe: z.string(), taskType: z.string(), strategy: z.string().nullable(), finalAction: z.string().nullable(),
  journalId: z.number().nullable(), signal: z.string().nullable(), confidence: z.number().nullable(), rationale: z.string().nullable(), tradeId: z.number().nullable(), ticket: z.number().nullable(),
});
const Step = z.object({ seq: z.number(), name: z.string(), status: z.string(), output: z.string().nullable(), error: z.string().nullable(), model: z.string().nullable(), tokens: z.number().nullable(), costUsd: z.number().nullable() });
type StepRow = z.infer<typeof Step>;

export type AgentAnswer = { role: string; seq: number; status: string; says: string; confidence: number | null; weight: number | null; model: string | null; tokens: number | null; costUsd: number | null };
export type GateAnswer = { step: string; seq: number; status: string; says: string };
/** A price of the decision, drawn as a line. */
export type Level = { name: "Entry" | "Stop loss" | "Take profit" | "New stop loss" | "New take profit"; price: number };
export type RunReport = z.infer<typeof Head> & { agents: AgentAnswer[]; gates: GateAnswer[]; bars: Bar[]; levels: Level[] };

/** Null for a run that ended before it knew its account. */
export async function getRunReport(ctx: Ctx, runId: number): Promise<RunReport | null> {
  allow(ctx, "payloads.read");
  const { db } = ctx;
  const [head] = z.array(Head).parse(await db.$queryRaw`
    select t.account_id as "accountId", a.name as account, t.symbol, t.timeframe, t.task_type as "taskType", s.name as strategy, r.outcome as "finalAction",
           t.journal_id as "journalId", j.signal, j.confidence, j.rationale, t.trade_id as "tradeId", d.ticket::float8 as ticket
      from trading_runs t
      join runs r on r.id = t.run_id
      join accounts a on a.id = t.account_id
      left join strategies s on s.id = t.strategy_id
      left join ai_journal j on j.id = t.journal_id
      left join trades d on d.id = t.trade_id
     where t.run_id = ${runId}::bigint`);
  if (!head) return null;
  const steps = z.array(Step).parse(await db.$queryRaw`
    select s.seq, s.step_name as name, s.status::text as status, left(s.output_json, 20000) as output, s.error, c.model, c.tokens, c."costUsd"
      from run_steps s
      left join lateral (select min(model) as model, sum(total_tokens)::float8 as tokens, sum(cost_usd)::float8 as "costUsd" from llm_calls where run_id = s.run_id and pipeline_step_id = s.id) c on true
     where s.run_id = ${runId}::bigint and s.completed_at is not null
     order by s.seq
     limit ${MOST_STEPS}::int`);
  const at = Moment.safeParse(outputOf(steps, "ohlcv_fetch"));
  const market = at.success && isTimeframe(head.timeframe) ? await readMarket(db, head.symbol, head.timeframe, new Date(at.data.at), CHART_BARS) : null;
  return { ...head, agents: answersOf(steps), gates: gatesOf(steps), bars: market?.bars ?? [], levels: levelsOf(steps) };
}

const Moment = z.object({ at: z.iso.datetime() });

function parseJson(text: string | null | undefined): unknown {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    // Cut off, or written by another program.
    return null;
  }
}
/** Of the last time that the step was done: an attempt that was taken back may have left its own. */
const outputOf = (steps: StepRow[], name: string): unknown => parseJson(steps.findLast((step) => step.name === name && step.status === "ok")?.output);

const Word = z.string().nullish().catch(null);
const Answer = z.object({
  content: z.object({
    direction: Word, signal: Word, action: Word, sentiment: Word, trend: Word, sentiment_direction: Word, pattern: Word, trend_prediction: Word, overall: Word, position_alignment: Word,
    confidence_score: z.number().nullish().catch(null), confidence: z.number().nullish().catch(null),
  }),
});
const Votes = z.object({ votes: z.array(z.object({ agent: z.string(), weight: z.number() })), direction: z.string(), reached: z.boolean(), counts: z.record(z.string(), z.number()) });

function answersOf(steps: StepRow[]): AgentAnswer[] {
  const votes = Votes.safeParse(outputOf(steps, "vote_summary"));
  return Object.values(WORKFLOW).flat(2).flatMap(({ role, step }) => {
    const found = steps.findLast(({ name }) => name === step);
    if (!found) return [];
    const answer = Answer.safeParse(parseJson(found.output));
    const given = answer.success ? answer.data.content : null;
    const notes = given ? [given.pattern, given.trend_prediction, given.overall, given.position_alignment].filter(Boolean) : [];
    const word = given?.direction ?? given?.signal ?? given?.action ?? given?.sentiment ?? given?.sentiment_direction ?? given?.trend ?? null;
    return [{
      role, seq: found.seq, status: found.status, model: found.model, tokens: found.tokens, costUsd: found.costUsd,
      says: found.status === "ok" ? [word, ...notes].filter(Boolean).join(", ") || "answered" : (found.error ?? SkipReason.parse(parseJson(found.output)) ?? (found.status === "skip" ? "not asked" : "failed")),
      confidence: given?.confidence_score ?? given?.confidence ?? null,
      weight: votes.success ? (votes.data.votes.find(({ agent }) => agent === role)?.weight ?? null) : null,
    }];
  });
}

const SkipReason = z.union([z.object({ reason: z.string() }).transform(({ reason }) => reason), z.string()]).nullable().catch(null);
const Gate = z.object({
  action_before: Word, action_after: Word, action_out: Word, blocked_by: Word, blocked: z.boolean().nullish().catch(null), reason: Word, active: z.boolean().nullish().catch(null), skipped: Word,
  allowed: z.boolean().nullish().catch(null), calls: z.number().nullish().catch(null), auto_trade_enabled: z.boolean().nullish().catch(null),
});

function gatesOf(steps: StepRow[]): GateAnswer[] {
  const known = new Set<string>([...GATES.map(({ step }) => step), "news_filter_blocked", "constraint_rejected", "maintenance_hold"]);
  return steps.filter(({ name }) => known.has(name)).map(({ name, seq, status, output, error }) => ({ step: name, seq, status, says: error ?? sayGate(name, parseJson(output)) }));
}

function sayGate(step: string, output: unknown): string {
  const votes = Votes.safeParse(output);
  if (step === "vote_summary" && votes.success) {
    const { counts, direction, reached } = votes.data;
    return `${reached ? direction : "no quorum"}: ${["BUY", "SELL", "HOLD"].map((word) => `${counts[word] ?? 0} ${word}`).join(", ")}`;
  }
  const gate = Gate.safeParse(output);
  if (!gate.success) return SkipReason.parse(output) ?? "passed";
  const { action_before: before, action_after: after, action_out: out, blocked_by: blockedBy, reason, skipped, active, calls } = gate.data;
  if (before && after) return before === after ? `${after} passed` : `${before} became ${after}`;
  if (out) return blockedBy ? `${out}: ${blockedBy} is not traded` : `${out} passed`;
  if (reason) return reason;
  if (skipped) return `not asked: ${skipped}`;
  if (active !== null && active !== undefined) return active ? "on" : "off";
  return calls === null || calls === undefined ? "passed" : `${calls} in this minute`;
}

const Price = z.number().nullish().catch(null);
const Order = z.object({ entry: z.number(), sl: Price, tp: Price });
const Review = z.object({ state: z.object({ entry: z.number(), sl: Price, tp: Price }) });
const Change = z.object({ content: z.object({ action: z.literal("MODIFY"), new_sl: Price, new_tp: Price }) });

/** The order that was built; of a review the position, and where its stops were to go. */
function levelsOf(steps: StepRow[]): Level[] {
  const order = Order.safeParse(outputOf(steps, "order_built"));
  const review = Review.safeParse(outputOf(steps, "context_built"));
  const change = Change.safeParse(outputOf(steps, "maintenance_decision"));
  const held = order.success ? order.data : review.success ? review.data.state : null;
  const named: [Level["name"], number | null | undefined][] = [
    ["Entry", held?.entry], ["Stop loss", held?.sl], ["Take profit", held?.tp],
    ["New stop loss", change.data?.content.new_sl], ["New take profit", change.data?.content.new_tp],
  ];
  return named.flatMap(([name, price]) => (price === null || price === undefined ? [] : [{ name, price }]));
}
