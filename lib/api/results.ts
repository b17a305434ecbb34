/** Simulated days in the words of `GET /results`. */
import { periodMetrics, round2, toCents, toMicros } from "#lib/backtests/rules";
import type { SimulatedDay, Talk } from "#lib/backtests/queries";
import type { ResultsRequest } from "./simulate.ts";

const cents = (amount: string): number => toCents(toMicros(amount));

/** What was held before the day's trades: what is held after them, less what was bought, plus what was sold. */
export function startingHoldings({ holdings, positions }: SimulatedDay): { symbol: string; quantity: number }[] {
  const held = new Map(holdings.map(({ symbol, quantity }) => [symbol, quantity]));
  for (const { actionType, symbol, quantity } of positions) {
    if (symbol !== null) held.set(symbol, (held.get(symbol) ?? 0) + (actionType === "buy" ? -quantity : quantity));
  }
  return [...held].filter(([, quantity]) => quantity !== 0).map(([symbol, quantity]) => ({ symbol, quantity })).toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1));
}

export function printDay(day: SimulatedDay, talk: Talk | undefined, reasoning: ResultsRequest["reasoning"]) {
  return {
    date: day.date,
    model: day.model,
    job_id: day.jobId,
    starting_position: { holdings: startingHoldings(day), cash: cents(day.startingCash), portfolio_value: cents(day.startingValue) },
    daily_metrics: { profit: cents(day.dailyProfit), return_pct: round2(day.dailyReturnPercent), days_since_last_trading: day.daysSinceLast ?? 0 },
    trades: day.positions.filter(({ actionType }) => actionType !== "no_trade").map(({ actionType, symbol, quantity, price }) => ({ action_type: actionType, symbol, quantity, price })),
    final_position: { holdings: day.holdings.map(({ symbol, quantity }) => ({ symbol, quantity })), cash: cents(day.endingCash), portfolio_value: cents(day.endingValue) },
    metadata: {
      total_actions: day.positions.filter(({ actionType }) => actionType !== "no_trade").length,
      session_duration_seconds: Math.round(day.durationMs) / 1_000,
      completed_at: day.completedAt.toISOString(),
      superseded_at: day.supersededAt?.toISOString() ?? null,
      ...(talk && { tool_usage: talk.tools.map(({ toolName, calls, refused, durationMs }) => ({ tool_name: toolName, call_count: calls, refused_count: refused, total_duration_seconds: durationMs / 1_000 })) }),
    },
    reasoning: reasoning === "none" ? null : reasoning === "summary" ? day.summary : (talk?.said.map(({ stepNumber, role, content, toolName }) => ({ step_number: stepNumber, role, content, tool_name: toolName })) ?? []),
  };
}

/** Per model its values over the range, trimmed to the days that there are, and what they come to. */
export function printPeriods(days: SimulatedDay[]) {
  const byModel = Map.groupBy(days, ({ model }) => model);
  return [...byModel].map(([model, own]) => ({
    model,
    start_date: own[0]?.date,
    end_date: own.at(-1)?.date,
    daily_portfolio_values: own.map(({ date, endingValue }) => ({ date, portfolio_value: cents(endingValue) })),
    period_metrics: periodMetrics(own.map(({ date, startingValue, endingValue }) => ({ date, startingValue: toMicros(startingValue), endingValue: toMicros(endingValue) }))),
  }));
}
