/** Whatever a model does, money and shares come from somewhere. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { LOCAL_MODELS, type LocalModel, MAX_STEPS } from "#lib/backtests/fields";
import { replay } from "./replay.ts";
import { type Market, type Portfolio, Session } from "./session.ts";
import { playLocal } from "./strategies.ts";

const SYMBOLS = ["AAA", "BBB", "CCC"];
const micros = (most: bigint) => fc.bigInt({ min: 1n, max: most });
const market = fc.tuple(micros(500_000_000n), micros(500_000_000n), micros(500_000_000n)).map(
  (prices): Market => ({ date: "2025-01-16", prices: new Map(SYMBOLS.map((symbol, at) => [symbol, prices[at] ?? 1n])), history: new Map() }));
const portfolio = fc.record({ cash: fc.bigInt({ min: 0n, max: 20_000_000_000n }), held: fc.array(fc.bigInt({ min: 0n, max: 500n }), { minLength: 3, maxLength: 3 }) })
  .map(({ cash, held }): Portfolio => ({ cash, holdings: new Map(SYMBOLS.flatMap((symbol, at) => (held[at] ? [[symbol, held[at]]] : []))) }));
/** Sane calls, and all a confused model might say. */
const call = fc.oneof(
  fc.record({ name: fc.constantFrom("buy", "sell"), args: fc.record({ symbol: fc.constantFrom(...SYMBOLS, "ZZZ"), quantity: fc.integer({ min: -3, max: 300 }) }) }),
  fc.record({ name: fc.constantFrom("buy", "sell", "stop", "get_prices", "get_portfolio", "wire_money", "__proto__"), args: fc.dictionary(fc.constantFrom("symbol", "quantity", "cash"), fc.anything()) }),
);
const worth = ({ cash, holdings }: Portfolio, prices: Map<string, bigint>) => [...holdings].reduce((sum, [symbol, shares]) => sum + shares * (prices.get(symbol) ?? 0n), cash);

test("cash and holdings at the day's prices are worth the same after any sequence of calls, and nothing is below zero", () => {
  fc.assert(fc.property(market, portfolio, fc.array(call, { maxLength: 60 }), (day, before, calls) => {
    const session = new Session(day, before);
    for (const { name, args } of calls) session.call(name, args);
    const after = session.portfolio;
    expect(worth(after, day.prices)).toBe(worth(before, day.prices));
    expect(after.cash >= 0n && [...after.holdings.values()].every((shares) => shares > 0n)).toBe(true);
    // Shares of each symbol: before, plus bought, minus sold; reckoned from the record alone.
    const record = session.record();
    for (const symbol of SYMBOLS) {
      const moved = record.actions.filter((action) => action.symbol === symbol).reduce((sum, { type, quantity }) => sum + (type === "buy" ? BigInt(quantity) : -BigInt(quantity)), 0n);
      expect(after.holdings.get(symbol) ?? 0n).toBe((before.holdings.get(symbol) ?? 0n) + moved);
    }
    expect(replay(before, day.prices, JSON.parse(JSON.stringify(record)))).toEqual(after);
  }), { numRuns: 500 });
});

test("what cannot be is refused with a sentence, and changes nothing", () => {
  const session = new Session({ date: "2025-01-16", prices: new Map([["AAA", 10_000_000n]]), history: new Map() }, { cash: 25_000_000n, holdings: new Map([["AAA", 1n]]) });
  const refused = (name: string, args: Record<string, unknown>) => {
    const answer = session.call(name, args);
    return answer.ok ? "" : answer.error;
  };
  expect(refused("buy", { symbol: "AAA", quantity: 3 })).toBe("Not enough cash: 3 AAA cost 30.000000, you have 25.000000.");
  expect(refused("sell", { symbol: "AAA", quantity: 2 })).toBe("Not enough shares: you hold 1 AAA.");
  expect(refused("buy", { symbol: "MOON", quantity: 1 })).toBe("MOON cannot be traded today. What can be: AAA.");
  for (const quantity of [0, -1, 1.5, Number.NaN, 1e300, "3", null]) expect(refused("buy", { symbol: "AAA", quantity })).toMatch(/whole number of shares/);
  expect(refused("wire_money", {})).toMatch(/There is no tool "wire_money"/);
  expect(session.portfolio).toEqual({ cash: 25_000_000n, holdings: new Map([["AAA", 1n]]) });
  expect(session.record().tools.buy).toMatchObject({ calls: 9, refused: 9 });
  // What a sale brings can be spent in the same session.
  expect(session.call("sell", { symbol: "AAA", quantity: 1 }).ok).toBe(true);
  expect(session.call("buy", { symbol: "AAA", quantity: 3 }).ok).toBe(true);
});

const history = fc.array(fc.double({ min: 1, max: 500, noNaN: true }), { minLength: 0, maxLength: 21 });
test("every local model keeps to the rules on any market, and does the same again", () => {
  for (const name of Object.keys(LOCAL_MODELS) as LocalModel[]) {
    fc.assert(fc.property(market, portfolio, fc.tuple(history, history, history), (day, before, closes) => {
      const play = () => {
        const session = new Session({ ...day, history: new Map(SYMBOLS.map((symbol, at) => [symbol, closes[at] ?? []])) }, before);
        playLocal(name, session);
        return session;
      };
      const session = play();
      expect(worth(session.portfolio, day.prices)).toBe(worth(before, day.prices));
      expect(session.record().actions).toEqual(play().record().actions);
      expect(Object.values(session.record().tools).every(({ refused }) => refused === 0)).toBe(true);
      expect(session.steps).toBeLessThanOrEqual(MAX_STEPS);
      expect(session.stopped).not.toBeNull();
    }), { numRuns: 60 });
  }
});

test("a record that does not add up is not believed", () => {
  const before: Portfolio = { cash: 100_000_000n, holdings: new Map() };
  const prices = new Map([["AAA", 10_000_000n]]);
  const record = (change: object) => ({ actions: [{ type: "buy" as const, symbol: "AAA", quantity: "2", price: "10.000000", cash: "80.000000", ...change }], said: [], tools: {}, steps: 1, summary: "" });
  expect(replay(before, prices, record({}))).toEqual({ cash: 80_000_000n, holdings: new Map([["AAA", 2n]]) });
  expect(() => replay(before, prices, record({ price: "9.000000" }))).toThrow(/price of AAA has changed/);
  expect(() => replay(before, prices, record({ cash: "90.000000" }))).toThrow(/does not add up/);
  expect(() => replay(before, prices, record({ quantity: "20", cash: "-100.000000" }))).toThrow(/does not add up/);
});
