/** What a lot of a symbol is. Pure. Nothing of it comes from a broker; the rules are those of common paper accounts. */
const CURRENCIES = "USD|EUR|GBP|JPY|CHF|AUD|NZD|CAD|SEK|NOK|DKK|PLN|CZK|HUF|TRY|ZAR|MXN|SGD|HKD|CNH";
const FOREX = new RegExp(`^(${CURRENCIES})(${CURRENCIES})`);

export type Instrument = { pip: number; /** Units in one lot. */ contractSize: number; quote: string; base: string };

/** Currency pairs have lots of 100 000 and pips of 0.0001 (0.01 in yen), gold and silver lots of 100; all else, shares and indices, lots of 100 and pips of 0.01. */
export function findInstrument(symbol: string): Instrument {
  const [, base = "", quote = "USD"] = FOREX.exec(symbol) ?? [];
  if (base) return { base, quote, contractSize: 100_000, pip: quote === "JPY" ? 0.01 : 0.0001 };
  return { base: symbol, quote: "USD", contractSize: 100, pip: symbol.startsWith("XAG") ? 0.001 : 0.01 };
}

/** What one unit of the quote currency is in the account's: 1, but for pairs whose base is the account's dollar. Cents for USC. */
export function quoteRate({ base, quote }: Instrument, price: number, accountType: string): number {
  return (quote !== "USD" && base === "USD" ? 1 / price : 1) * (accountType === "USC" ? 100 : 1);
}

export const pipValuePerLot = (instrument: Instrument, price: number, accountType: string): number => instrument.pip * instrument.contractSize * quoteRate(instrument, price, accountType);

export type LotSize = { effective_lot_size: number; max_lot_size: number; risk_pct: number; sl_pips: number; pip_value_per_lot: number; balance: number; formula: string };
const LEAST_LOT = 0.01;

/**
 * The lot with which the stop loss costs `riskPct` (a ratio) of the balance, down to a hundredth of a lot, between 0.01 and the account's most.
 *
 * @throws RangeError when there is no distance to the stop, or no balance
 */
export function sizeLot({ symbol, price, stopLoss, balance, riskPct, maxLotSize, accountType }: { symbol: string; price: number; stopLoss: number; balance: number; riskPct: number; maxLotSize: number; accountType: string }): LotSize {
  const instrument = findInstrument(symbol);
  const slPips = Math.abs(price - stopLoss) / instrument.pip;
  const pipValue = pipValuePerLot(instrument, price, accountType);
  const raw = (balance * riskPct) / (slPips * pipValue);
  if (!(slPips > 0) || !(balance > 0) || !Number.isFinite(raw)) throw new RangeError(`A lot cannot be sized from a stop ${slPips} pips away and a balance of ${balance}`);
  const lot = Math.min(maxLotSize, Math.max(LEAST_LOT, Math.floor(raw * 100 + 1e-9) / 100));
  return {
    effective_lot_size: lot, max_lot_size: maxLotSize, risk_pct: riskPct,
    sl_pips: round(slPips), pip_value_per_lot: round(pipValue), balance: round(balance),
    formula: "min(max_lot_size, balance * risk_pct / (sl_pips * pip_value_per_lot)), rounded down to 0.01",
  };
}

export function profitOf({ symbol, direction, volume, entryPrice }: { symbol: string; direction: string; volume: number; entryPrice: number }, price: number, accountType: string): number {
  const instrument = findInstrument(symbol);
  return round((price - entryPrice) * (direction === "BUY" ? 1 : -1) * volume * instrument.contractSize * quoteRate(instrument, price, accountType));
}

const round = (value: number): number => Math.round(value * 100) / 100;
