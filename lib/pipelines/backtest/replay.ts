import { toMicros } from "#lib/backtests/rules";
import type { Portfolio, SessionRecord } from "./session.ts";

/**
 * The portfolio after a session's trades, reckoned anew from its record.
 *
 * @throws Error when a trade is not at the day's price, or could not be paid or delivered: the record is not to be believed
 */
export function replay({ cash, holdings }: Portfolio, prices: Map<string, bigint>, { actions }: SessionRecord): Portfolio {
  const held = new Map(holdings);
  let left = cash;
  for (const { type, symbol, quantity, price, cash: said } of actions) {
    if (type === "no_trade" || symbol === null) continue;
    const shares = BigInt(quantity);
    const paid = toMicros(price);
    if (paid !== prices.get(symbol)) throw new Error(`The price of ${symbol} has changed since the session: ${price} then. Its prices were imported anew; start the day again.`);
    const now = (held.get(symbol) ?? 0n) + (type === "buy" ? shares : -shares);
    left += type === "buy" ? -shares * paid : shares * paid;
    if (shares <= 0n || now < 0n || left < 0n || left !== toMicros(said)) throw new Error(`The trade of ${quantity} ${symbol} does not add up.`);
    if (now === 0n) held.delete(symbol);
    else held.set(symbol, now);
  }
  return { cash: left, holdings: held };
}
