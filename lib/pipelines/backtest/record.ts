/** The portfolio that a model-day goes on from, and what is written of the day: in one transaction, or not at all. */
import { z } from "zod";
import type { Db } from "#lib/db/client";
import { daysBetween, printMicros, toMicros } from "#lib/backtests/rules";
import type { Holdings, Portfolio, SessionRecord } from "./session.ts";

export type Standing = Portfolio & { previous: { id: number; date: string; value: bigint } | null };

const Previous = z.array(z.object({ id: z.coerce.number(), date: z.string(), cash: z.string(), value: z.string(), holdings: z.array(z.object({ symbol: z.string(), quantity: z.coerce.bigint() })) }));

/** Where a model stood at the end of its last day before `date`, of whatever job; `startingCash` (a decimal) when it has none. */
export async function readStanding(db: Db, model: string, date: string, startingCash: string): Promise<Standing> {
  const [row] = Previous.parse(await db.$queryRaw`
    select d.id, d.date::text, d.ending_cash::text as cash, d.ending_value::text as value,
           (select coalesce(json_agg(json_build_object('symbol', symbol, 'quantity', quantity::text)), '[]') from backtest_holdings h where h.day_id = d.id) as holdings
      from backtest_days d
     where d.model = ${model} and d.date < ${date}::date and d.superseded_at is null
     order by d.date desc
     limit 1`);
  if (!row) return { cash: toMicros(startingCash), holdings: new Map(), previous: null };
  return {
    cash: toMicros(row.cash),
    holdings: new Map(row.holdings.map(({ symbol, quantity }) => [symbol, quantity])),
    previous: { id: row.id, date: row.date, value: toMicros(row.value) },
  };
}

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
  const [later] = await db.$queryRaw<{ date: string }[]>`
    select max(date)::text as date from backtest_days where model = ${model} and date >= ${date}::date and superseded_at is null`;
  if (later?.date) throw new Error(`${model} has gone on to ${later.date} already. To simulate ${date} and the later days anew, start a job with replace_existing.`);

  const [startingValue, endingValue] = [worth(standing.cash, standing.holdings, day.prices), worth(after.cash, after.holdings, day.prices)];
  const profit = standing.previous ? startingValue - standing.previous.value : 0n;
  const returnPercent = standing.previous && standing.previous.value > 0n ? (Number(profit) / Number(standing.previous.value)) * 100 : 0;
  const [made] = await db.$queryRaw<{ id: bigint }[]>`
    insert into backtest_days (job_id, model, date, previous_id, starting_cash, starting_value, bought, sold, ending_cash, ending_value, daily_profit, daily_return_percent, days_since_last, steps, summary, duration_ms)
    values (${jobId}::uuid, ${model}, ${date}::date, ${standing.previous?.id ?? null}::bigint, ${printMicros(standing.cash)}::numeric, ${printMicros(startingValue)}::numeric,
            ${printMicros(traded(session, "buy"))}::numeric, ${printMicros(traded(session, "sell"))}::numeric, ${printMicros(after.cash)}::numeric, ${printMicros(endingValue)}::numeric,
            ${printMicros(profit)}::numeric, ${returnPercent}::float8, ${standing.previous ? daysBetween(standing.previous.date, date) : null}::int,
            ${session.steps}::int, ${session.summary}, ${Math.round(day.durationMs)}::int)
    returning id`;
  const id = made?.id ?? 0n;
  const holdings = [...after.holdings].map(([symbol, quantity]) => ({ symbol, quantity: String(quantity), price: printMicros(priceOf(day.prices, symbol)) }));
  const tools = Object.entries(session.tools).map(([name, use]) => ({ name, ...use }));
  await db.$executeRaw`
    with positions as (
      insert into backtest_positions (day_id, action_id, action_type, symbol, quantity, price, cash)
      select ${id}::bigint, a.n - 1, a.action->>'type', a.action->>'symbol', (a.action->>'quantity')::bigint, (a.action->>'price')::numeric, (a.action->>'cash')::numeric
        from jsonb_array_elements(${JSON.stringify(session.actions)}::jsonb) with ordinality a(action, n)
    ), holdings as (
      insert into backtest_holdings (day_id, symbol, quantity, price)
      select ${id}::bigint, h.symbol, h.quantity, h.price from jsonb_to_recordset(${JSON.stringify(holdings)}::jsonb) as h(symbol text, quantity bigint, price numeric)
    ), reasoning as (
      insert into backtest_reasoning (day_id, step_number, role, content, tool_name)
      select ${id}::bigint, s.n, s.said->>'role', s.said->>'content', s.said->>'toolName'
        from jsonb_array_elements(${JSON.stringify(session.said)}::jsonb) with ordinality s(said, n)
    ), tools as (
      insert into backtest_tool_usage (day_id, tool_name, calls, refused, duration_ms)
      select ${id}::bigint, t.name, t.calls, t.refused, t."durationMs" from jsonb_to_recordset(${JSON.stringify(tools)}::jsonb) as t(name text, calls int, refused int, "durationMs" float8)
    )
    update backtest_model_days set status = 'completed', started_at = ${day.startedAt}, completed_at = clock_timestamp(), error = null
     where job_id = ${jobId}::uuid and date = ${date}::date and model = ${model}`;
}
