/** All that a model-day begins with, seen at one moment and in one statement: its job, where its model stands, and the market. */
import { z } from "zod";
import { DAILY } from "#lib/backtests/fields";
import { toMicros } from "#lib/backtests/rules";
import { type Db, KEPT } from "#lib/db/client";
import type { Portfolio } from "./session.ts";

export type Standing = Portfolio & { previous: { id: number; date: string; value: bigint } | null };
export type Look = {
  job: { jobId: string; symbols: string[]; replaceExisting: boolean };
  /** At the end of the model's last day before, of whatever job; the job's starting cash when it has none. */
  standing: Standing;
  /** The day's open prices in micros; a symbol without one above zero is left out. */
  prices: Map<string, bigint>;
  /** Closes of the trading days before, oldest first. */
  history: Map<string, number[]>;
};

const Seen = z.array(z.object({
  jobId: z.string(), symbols: z.array(z.string()), startingCash: z.string(), replaceExisting: z.boolean(),
  previous: z.object({ id: z.number(), date: z.string(), cash: z.string(), value: z.string(), holdings: z.array(z.object({ symbol: z.string(), quantity: z.coerce.bigint() })) }).nullable(),
  market: z.array(z.object({ symbol: z.string(), open: z.string().nullable(), closes: z.array(z.number()).nullable() })),
}));

/** Null when the run has no job. */
export async function lookAtDay(db: Db, runId: number, { date, model }: { date: string; model: string }, historyDays: number): Promise<Look | null> {
  const [seen] = Seen.parse(await db.$queryRaw`${KEPT}
    select j.job_id::text as "jobId", j.symbols, j.starting_cash::text as "startingCash", j.replace_existing as "replaceExisting",
           (select json_build_object('id', d.id, 'date', d.date::text, 'cash', d.ending_cash::text, 'value', d.ending_value::text, 'holdings',
                     (select coalesce(json_agg(json_build_object('symbol', h.symbol, 'quantity', h.quantity::text)), '[]') from backtest_holdings h where h.day_id = d.id))
              from backtest_days d
             where d.model = ${model} and d.date < ${date}::date and d.superseded_at is null
             order by d.date desc
             limit 1) as previous,
           (select coalesce(json_agg(json_build_object('symbol', s.symbol, 'open', o.open, 'closes', c.closes) order by s.symbol), '[]')
              from unnest(j.symbols) s(symbol)
              left join lateral (
                select round(open::numeric, 6)::text as open from candles
                 where timeframe = ${DAILY} and symbol = s.symbol and open > 0 and at >= ${date}::date::timestamp at time zone 'UTC' and at < (${date}::date + 1)::timestamp at time zone 'UTC'
                 order by at limit 1) o on true
              left join lateral (
                select array_agg(b.close order by b.at) as closes
                  from (select close, at from candles where timeframe = ${DAILY} and symbol = s.symbol and close > 0 and at < ${date}::date::timestamp at time zone 'UTC' order by at desc limit ${historyDays}::int) b) c on true) as market
      from backtest_jobs j
     where j.run_id = ${runId}::bigint`);
  if (!seen) return null;
  const { jobId, symbols, replaceExisting, startingCash, previous, market } = seen;
  const standing: Standing = previous
    ? { cash: toMicros(previous.cash), holdings: new Map(previous.holdings.map(({ symbol, quantity }) => [symbol, quantity])), previous: { id: previous.id, date: previous.date, value: toMicros(previous.value) } }
    : { cash: toMicros(startingCash), holdings: new Map(), previous: null };
  return {
    job: { jobId, symbols, replaceExisting },
    standing,
    prices: new Map(market.flatMap(({ symbol, open }) => (open === null ? [] : [[symbol, toMicros(open)]]))),
    history: new Map(market.flatMap(({ symbol, closes }) => (closes === null ? [] : [[symbol, closes]]))),
  };
}
