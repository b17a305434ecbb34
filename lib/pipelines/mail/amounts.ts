/** Sums of money in text, with their currency. */

export type Money = { value: string; amount: number; currency: string };

const SYMBOLS: Record<string, string> = { "$": "USD", "us$": "USD", "usd": "USD", "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "gbp": "GBP", "¥": "JPY", "jpy": "JPY", "₹": "INR", "inr": "INR", "chf": "CHF", "cad": "CAD", "aud": "AUD", "c$": "CAD", "a$": "AUD", "sek": "SEK", "nok": "NOK", "dkk": "DKK", "pln": "PLN", "zł": "PLN", "dollars": "USD" };
const NUMBER = String.raw`\d{1,3}(?:[.,'’ \u00a0]\d{3}){1,4}(?:[.,]\d{1,2})?|\d{1,12}(?:[.,]\d{1,2})?`;
const SCALE = String.raw`(?: ?(k|m|mio|mn|bn|thousand|million|millionen|billion)\b)?`;
const BEFORE = new RegExp(String.raw`(?<![\p{L}\d.,$])(us\$|c\$|a\$|[$€£¥₹]|usd|eur|gbp|jpy|inr|chf|cad|aud|sek|nok|dkk|pln) ?(${NUMBER})(?!\d)${SCALE}`, "giu");
const AFTER = new RegExp(String.raw`(?<![\p{L}\d.,$€£¥₹])(${NUMBER})${SCALE} ?(€|£|zł|usd|eur|euros?|gbp|jpy|inr|chf|cad|aud|sek|nok|dkk|pln|dollars)(?![\p{L}\d])`, "giu");
const FACTORS: Record<string, number> = { k: 1e3, thousand: 1e3, m: 1e6, mn: 1e6, mio: 1e6, million: 1e6, millionen: 1e6, bn: 1e9, billion: 1e9 };
/** What the column holds. */
const MAX_AMOUNT = 1e15;

export function findMoney(text: string): Money[] {
  const found = new Map<string, Money>();
  const add = (whole: string, symbol = "", number = "", scale = "") => {
    const amount = Math.round(readNumber(number) * (FACTORS[scale.toLowerCase()] ?? 1) * 100) / 100;
    const currency = SYMBOLS[symbol.toLowerCase()];
    const value = whole.replace(/\s+/g, " ").trim();
    if (currency && Number.isFinite(amount) && amount > 0 && amount < MAX_AMOUNT && !found.has(value)) found.set(value, { value, amount, currency });
  };
  for (const [whole, symbol, number, scale] of text.matchAll(BEFORE)) add(whole, symbol, number, scale);
  for (const [whole, number, scale, symbol] of text.matchAll(AFTER)) add(whole, symbol, number, scale);
  return [...found.values()];
}

/** "1,250.00", "1.250,00", "1'250", "1.250" (a thousand: three digits follow), "12,5". */
export function readNumber(number: string): number {
  const last = Math.max(number.lastIndexOf("."), number.lastIndexOf(","));
  const hasCents = last >= 0 && number.length - last - 1 <= 2;
  const whole = (hasCents ? number.slice(0, last) : number).replace(/\D/g, "");
  return Number(hasCents ? `${whole}.${number.slice(last + 1)}` : whole);
}
