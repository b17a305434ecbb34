/** What the imported prices say: daily candles, one a symbol and UTC date. */
import { z } from "zod";
import type { Db } from "#lib/db/client";
import { DAILY } from "../fields.ts";
import { type Coverage, toMicros } from "../rules.ts";

const Known = z.array(z.object({ symbol: z.string(), first: z.string(), last: z.string() }));

/** Every symbol with daily prices, and the first and last date it has one on. */
export async function listSymbols(db: Db): Promise<z.infer<typeof Known>> {
  return Known.parse(await db.$queryRaw`
    select symbol, (min(at) at time zone 'UTC')::date::text as first, (max(at) at time zone 'UTC')::date::text as last
      from candles
     where timeframe = ${DAILY}
     group by symbol
     order by symbol`);
}

const Priced = z.array(z.object({ date: z.string(), priced: z.array(z.string()) }));

/** Which of `symbols` have an open price on which date. */
export async function readCoverage(db: Db, symbols: string[], from: string, to: string): Promise<Coverage> {
  const rows = Priced.parse(await db.$queryRaw`
    select (at at time zone 'UTC')::date::text as date,
           array_agg(distinct symbol) as priced
      from candles
     where timeframe = ${DAILY} and symbol = any(${symbols})
       and at >= ${from}::date::timestamp at time zone 'UTC' and at < (${to}::date + 1)::timestamp at time zone 'UTC'
     group by 1`);
  const [bounds] = z.array(z.object({ first: z.string().nullable(), last: z.string().nullable() })).parse(await db.$queryRaw`
    select (min(at) at time zone 'UTC')::date::text as first, (max(at) at time zone 'UTC')::date::text as last
      from candles where timeframe = ${DAILY} and symbol = any(${symbols})`);
  return {
    symbols,
    priced: new Map(rows.map((row) => [row.date, new Set(row.priced)])),
    first: bounds?.first ?? null,
    last: bounds?.last ?? null,
  };
}

const Open = z.array(z.object({ symbol: z.string(), open: z.string() }));

/** The last price of each symbol at or before `date`: what holdings without a price that day are worth. */
export async function readLastPrices(db: Db, symbols: string[], date: string): Promise<Map<string, bigint>> {
  const rows = Open.parse(await db.$queryRaw`
    select s.symbol, round(c.open::numeric, 6)::text as open
      from unnest(${symbols}::text[]) s(symbol)
      join lateral (select case when at >= ${date}::date::timestamp at time zone 'UTC' then open else close end as open
                      from candles
                     where timeframe = ${DAILY} and symbol = s.symbol and open > 0 and close > 0
                       and at < (${date}::date + 1)::timestamp at time zone 'UTC'
                     order by at desc limit 1) c on true`);
  return new Map(rows.map(({ symbol, open }) => [symbol, toMicros(open)]));
}

/** Today's date in UTC by the database's clock. */
export async function readToday(db: Db): Promise<string> {
  const [row] = await db.$queryRaw<{ today: string }[]>`select (clock_timestamp() at time zone 'UTC')::date::text as today`;
  return row?.today ?? "";
}
