/** What is written of a model-day: in one transaction, or not at all. */
import { type Db, KEPT } from "#lib/db/client";
import { daysBetween, printMicros, toMicros } from "#lib/backtests/rules";
import type { Standing } from "./look.ts";
import type { Holdings, Portfolio, SessionRecord } from "./session.ts";

export type DayToWrite = {
  jobId: string;
  model: string;
  date: string;
  standing: Standing;
  /** What everything held before or after is worth, in micros a share. */
  prices: Map<string, bigint>;
  session: SessionRecord;
  after: Portfolio;
  replaceExisting: boolean;
  startedAt: Date;
  durationMs: number;
};

const worth = (cash: bigint, holdings: Holdings, prices: Map<string, bigint>): bigint =>
  [...holdings].reduce((sum, [symbol, quantity]) => sum + quantity * priceOf(prices, symbol), cash);

function priceOf(prices: Map<string, bigint>, symbol: string): bigint {
  const price = prices.get(symbol);
  if (price === undefined) throw new Error(`There is no price of ${symbol}, which is held: its worth cannot be told. Import its prices.`);
  return price;
}

/** What a record's trades of one side come to, in micros. */
const traded = (session: SessionRecord, type: "buy" | "sell"): bigint =>
  session.actions.reduce((sum, action) => (action.type === type ? sum + BigInt(action.quantity) * toMicros(action.price) : sum), 0n);

/**
 * Writes the day and ends its model-day. The database checks that cash, shares and worth add up.
 *
 * @throws Error when the model has gone on meanwhile: the day would stand on a portfolio that is no more
 */
export async function writeDay(db: Db, day: DayToWrite): Promise<void> {
  const { jobId, model, date, standing, session, after } = day;
  if (day.replaceExisting) {
    await db.$executeRaw`
      update backtest_days set superseded_at = clock_timestamp(), superseded_by = ${jobId}::uuid
       where model = ${model} and date >= ${date}::date and superseded_at is null and job_id <> ${jobId}::uuid`;
  }
  const [startingValue, endingValue] = [worth(standing.cash, standing.holdings, day.prices), worth(after.cash, after.holdings, day.prices)];
  const profit = standing.previous ? startingValue - standing.previous.value : 0n;
  const returnPercent = standing.previous && standing.previous.value > 0n ? (Number(profit) / Number(standing.previous.value)) * 100 : 0;
  const holdings = [...after.holdings].map(([symbol, quantity]) => ({ symbol, quantity: String(quantity), price: printMicros(priceOf(day.prices, symbol)) }));
  const tools = Object.entries(session.tools).map(([name, use]) => ({ name, ...use }));
  const [found] = await db.$queryRaw<{ later: string | null }[]>`${KEPT}
    with later as (
      select max(date)::text as date from backtest_days where model = ${model} and date >= ${date}::date and superseded_at is null
    ), made as (
      insert into backtest_days (job_id, model, date, previous_id, starting_cash, starting_value, bought, sold, ending_cash, ending_value, daily_profit, daily_return_percent, days_since_last, steps, summary, duration_ms)
      select ${jobId}::uuid, ${model}, ${date}::date, ${standing.previous?.id ?? null}::bigint, ${printMicros(standing.cash)}::numeric, ${printMicros(startingValue)}::numeric,
             ${printMicros(traded(session, "buy"))}::numeric, ${printMicros(traded(session, "sell"))}::numeric, ${printMicros(after.cash)}::numeric, ${printMicros(endingValue)}::numeric,
             ${printMicros(profit)}::numeric, ${returnPercent}::float8, ${standing.previous ? daysBetween(standing.previous.date, date) : null}::int,
             ${session.steps}::int, ${session.summary}, ${Math.round(day.durationMs)}::int
        from later where later.date is null
      returning id
    ), positions as (
      insert into backtest_positions (day_id, action_id, action_type, symbol, quantity, price, cash)
      select made.id, a.n - 1, a.action->>'type', a.action->>'symbol', (a.action->>'quantity')::bigint, (a.action->>'price')::numeric, (a.action->>'cash')::numeric
        from made, jsonb_array_elements(${JSON.stringify(session.actions)}::jsonb) with ordinality a(action, n)
    ), holdings as (
      insert into backtest_holdings (day_id, symbol, quantity, price)
      select made.id, h.symbol, h.quantity, h.price from made, jsonb_to_recordset(${JSON.stringify(holdings)}::jsonb) as h(symbol text, quantity bigint, price numeric)
    ), reasoning as (
      insert into backtest_reasoning (day_id, step_number, role, content, tool_name)
      select made.id, s.n, s.said->>'role', s.said->>'content', s.said->>'toolName'
        from made, jsonb_array_elements(${JSON.stringify(session.said)}::jsonb) with ordinality s(said, n)
    ), tools as (
      insert into backtest_tool_usage (day_id, tool_name, calls, refused, duration_ms)
      select made.id, t.name, t.calls, t.refused, t."durationMs" from made, jsonb_to_recordset(${JSON.stringify(tools)}::jsonb) as t(name text, calls int, refused int, "durationMs" float8)
    ), ended as (
      update backtest_model_days set status = 'completed', started_at = ${day.startedAt.toISOString()}::timestamptz, completed_at = clock_timestamp(), error = null
       where job_id = ${jobId}::uuid and date = ${date}::date and model = ${model} and exists (select 1 from made)
    )
    select date as later from later`;
  if (found?.later) throw new Error(`${model} has gone on to ${found.later} already. To simulate ${date} and the later days anew, start a job with replace_existing.`);
}
