/** The local models: each decides from what was known before the open, the same every time. */
import { Draw } from "#lib/draw";
import type { LocalModel } from "#lib/backtests/fields";
import type { Session } from "./session.ts";

/** Which share of the portfolio each symbol shall have; null: leave everything as it is. And why, in a sentence. */
type Wish = { weights: Map<string, number> | null; why: string };
type View = { symbols: string[]; history: Map<string, number[]>; held: Map<string, bigint>; date: string; name: string };

/** Days that a signal of 20 days needs. */
export const HISTORY_DAYS = 21;
/** A share that differs less than this from what is wished is left alone. */
const TOLERANCE = 0.01;

const even = (symbols: string[]): Map<string, number> => new Map(symbols.map((symbol) => [symbol, 1 / Math.max(1, symbols.length)]));
const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;

const buyAndHold = ({ symbols, held }: View): Wish =>
  held.size > 0 ? { weights: null, why: "I hold what I bought." } : { weights: even(symbols), why: `I spread my cash over ${symbols.length} symbols and hold from now on.` };

const equalWeight = ({ symbols }: View): Wish => ({ weights: even(symbols), why: `Each of ${symbols.length} symbols shall have the same share.` });

function momentum(days: number) {
  return ({ symbols, history }: View): Wish => {
    const gains = symbols.flatMap((symbol) => {
      const closes = (history.get(symbol) ?? []).slice(-days - 1);
      const [first, last] = [closes[0], closes.at(-1)];
      return closes.length > days && first && last ? [{ symbol, gain: last / first - 1 }] : [];
    });
    if (gains.length === 0) return { weights: null, why: `Fewer than ${days + 1} closes are known: I wait.` };
    const rising = gains.filter(({ gain }) => gain > 0).toSorted((a, b) => b.gain - a.gain || (a.symbol < b.symbol ? -1 : 1)).slice(0, Math.max(1, Math.ceil(symbols.length / 2)));
    const best = rising[0];
    return { weights: even(rising.map(({ symbol }) => symbol)), why: best ? `${rising.length} of ${gains.length} symbols rose over ${days} days, ${best.symbol} most (${percent(best.gain)}).` : `Nothing rose over ${days} days: I go into cash.` };
  };
}

function meanReversion(days: number) {
  return ({ symbols, history, held }: View): Wish => {
    const gaps = symbols.flatMap((symbol) => {
      const closes = (history.get(symbol) ?? []).slice(-days);
      const last = closes.at(-1);
      const mean = closes.reduce((sum, close) => sum + close, 0) / closes.length;
      return closes.length >= days && last ? [{ symbol, gap: last / mean - 1 }] : [];
    });
    if (gaps.length === 0) return { weights: null, why: `Fewer than ${days} closes are known: I wait.` };
    // What is held is kept until it is back at its mean.
    const cheap = gaps.filter(({ symbol, gap }) => gap < -0.01 || (gap < 0 && held.has(symbol))).toSorted((a, b) => a.gap - b.gap || (a.symbol < b.symbol ? -1 : 1)).slice(0, Math.max(1, Math.ceil(symbols.length / 3)));
    const best = cheap[0];
    return { weights: even(cheap.map(({ symbol }) => symbol)), why: best ? `${best.symbol} is ${percent(-best.gap)} below its mean of ${days} days.` : `Nothing is below its mean of ${days} days.` };
  };
}

const breakout = ({ symbols, history, held }: View): Wish => {
  const kept: string[] = [];
  for (const symbol of symbols) {
    const closes = history.get(symbol) ?? [];
    const last = closes.at(-1);
    if (!last || closes.length < HISTORY_DAYS) continue;
    const isHigh = last >= Math.max(...closes);
    const isLow = last <= Math.min(...closes.slice(-10));
    if (isHigh || (held.has(symbol) && !isLow)) kept.push(symbol);
  }
  const same = kept.length === held.size && kept.every((symbol) => held.has(symbol));
  return { weights: same ? null : even(kept), why: kept.length > 0 ? `${kept.join(", ")} broke out of 20 days.` : "Nothing broke out." };
};

const lowVolatility = ({ symbols, history }: View): Wish => {
  const moves = symbols.flatMap((symbol) => {
    const closes = history.get(symbol) ?? [];
    if (closes.length < HISTORY_DAYS) return [];
    const returns = closes.slice(1).map((close, index) => close / (closes[index] ?? close) - 1);
    const mean = returns.reduce((sum, one) => sum + one, 0) / returns.length;
    return [{ symbol, deviation: Math.sqrt(returns.reduce((sum, one) => sum + (one - mean) ** 2, 0) / returns.length) }];
  });
  if (moves.length === 0) return { weights: null, why: `Fewer than ${HISTORY_DAYS} closes are known: I wait.` };
  const calm = moves.toSorted((a, b) => a.deviation - b.deviation || (a.symbol < b.symbol ? -1 : 1)).slice(0, Math.max(1, Math.ceil(moves.length / 2)));
  return { weights: even(calm.map(({ symbol }) => symbol)), why: `${calm[0]?.symbol} moves least, ${percent(calm[0]?.deviation ?? 0)} a day.` };
};

const random = ({ symbols, date, name }: View): Wish => {
  const draw = new Draw(seedOf(`${name} ${date}`));
  if (draw.chance(0.7)) return { weights: null, why: "The draw says: wait." };
  const chosen = symbols.filter(() => draw.chance(0.3));
  return { weights: even(chosen), why: chosen.length > 0 ? `The draw says: ${chosen.join(", ")}.` : "The draw says: cash." };
};

const STRATEGIES: Record<LocalModel, (view: View) => Wish> = {
  "buy-and-hold": buyAndHold,
  "equal-weight": equalWeight,
  "momentum-5": momentum(5),
  "momentum-20": momentum(20),
  "mean-reversion-5": meanReversion(5),
  "mean-reversion-20": meanReversion(20),
  "breakout-20": breakout,
  "low-volatility": lowVolatility,
  random,
  cash: () => ({ weights: null, why: "I do not trade." }),
};

/** Plays a local model's day with the same tools that any model has: looks, decides, trades, stops. */
export function playLocal(name: LocalModel, session: Session): void {
  const { market } = session;
  session.steps = 1;
  session.call("get_prices");
  session.call("get_portfolio");
  const { cash, holdings } = session.portfolio;
  const symbols = [...market.prices.keys()].toSorted();
  const wish = STRATEGIES[name]({ symbols, history: market.history, held: holdings, date: market.date, name });
  session.steps = 2;
  session.say("assistant", wish.why);
  if (wish.weights) {
    const worth = (symbol: string) => (holdings.get(symbol) ?? 0n) * (market.prices.get(symbol) ?? 0n);
    const total = symbols.reduce((sum, symbol) => sum + worth(symbol), cash);
    const targets = symbols.map((symbol) => ({ symbol, price: market.prices.get(symbol) ?? 1n, held: holdings.get(symbol) ?? 0n, weight: wish.weights?.get(symbol) ?? 0 }));
    const isNear = ({ weight, held, price }: (typeof targets)[number]) => weight > 0 && total > 0n && Math.abs(Number(held * price) / Number(total) - weight) < TOLERANCE;
    // Weights in parts of a million: the rest of the reckoning is exact.
    const shares = (target: (typeof targets)[number]) => (total * BigInt(Math.floor(target.weight * 1e6))) / 1_000_000n / target.price - target.held;
    for (const target of targets) {
      const quantity = -shares(target);
      if (quantity > 0n && !isNear(target)) session.call("sell", { symbol: target.symbol, quantity: Number(quantity) });
    }
    for (const target of targets) {
      const wanted = shares(target);
      const affordable = session.portfolio.cash / target.price;
      const quantity = wanted < affordable ? wanted : affordable;
      if (quantity > 0n && !isNear(target)) session.call("buy", { symbol: target.symbol, quantity: Number(quantity) });
    }
  }
  session.steps = 3;
  session.call("stop", { summary: wish.why });
}

/** A seed from a text, FNV-1a: the same text draws the same. */
function seedOf(text: string): number {
  let hash = 2_166_136_261;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16_777_619);
  return hash;
}
