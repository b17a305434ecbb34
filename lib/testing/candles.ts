/** Made-up daily prices for tests: a walk per symbol, weekdays only, the same for the same seed. */
import type { PrismaClient } from "#lib/db/client";
import { addDays, isWeekend } from "#lib/backtests/rules";
import { Draw } from "#lib/draw";

export type MadePrice = { symbol: string; date: string; open: number; close: number };

/** `days` weekdays from `from` on, for each symbol. */
export function makePrices(symbols: string[], from: string, days: number, seed = 1): MadePrice[] {
  const rows: MadePrice[] = [];
  for (const [index, symbol] of symbols.entries()) {
    const draw = new Draw(seed * 1_000 + index);
    let price = 20 + draw.next() * 180;
    let date = from;
    for (let made = 0; made < days; date = addDays(date, 1)) {
      if (isWeekend(date)) continue;
      const open = cents(price);
      price = Math.max(1, price * (1 + (draw.next() - 0.49) * 0.05));
      rows.push({ symbol, date, open, close: cents(price) });
      made += 1;
    }
  }
  return rows;
}

const cents = (price: number): number => Math.round(price * 100) / 100;

export async function storePrices(db: PrismaClient, rows: MadePrice[]): Promise<void> {
  await db.$executeRaw`
    insert into candles (symbol, timeframe, at, open, high, low, close, volume)
    select r.symbol, 'D1', r.date::timestamp at time zone 'UTC', r.open, greatest(r.open, r.close), least(r.open, r.close), r.close, 1000
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(symbol text, date date, open float8, close float8)
    on conflict (symbol, timeframe, at) do update set open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close`;
}
