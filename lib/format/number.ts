const THIN_SPACE = "\u2009";

/**
 * A whole number; from 10 000 on in groups of three with thin spaces (SI brochure, 9th edition, 5.4.4):
 * `4821`, `48 210`, `1 204 331`.
 */
export function formatCount(n: number): string {
  const digits = String(Math.round(n));
  return Math.abs(n) < 10_000 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE);
}

/** A count with its noun: `1 run`, `40 runs`. */
export const countOf = (n: number, one: string, many = `${one}s`): string => `${formatCount(n)} ${n === 1 ? one : many}`;

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** A size in decimal units, three significant digits at most from kB on: `812 B`, `1.5 kB`, `48 MB`, `2.1 GB`. */
export function formatBytes(bytes: number): string {
  let size = Math.max(0, bytes);
  let unit = 0;
  // 999.5 would print as 1000: the next unit takes it.
  while (unit < BYTE_UNITS.length - 1 && size >= (unit === 0 ? 1_000 : 999.5)) {
    size /= 1_000;
    unit++;
  }
  const digits = unit === 0 || size >= 9.95 ? String(Math.round(size)) : size.toFixed(1);
  return `${digits} ${BYTE_UNITS[unit]}`;
}

/**
 * How many in a second, or in a minute or an hour when a second is too short to see one:
 * `1240/s`, `3.2/s`, `12/min`, `5/h`.
 *
 * @param perSecond a rate in 1/s; not finite or below zero reads `–`
 */
export function formatRate(perSecond: number): string {
  if (!Number.isFinite(perSecond) || perSecond < 0) return "–";
  const [rate, unit] = perSecond >= 1 || perSecond === 0 ? [perSecond, "s"] : perSecond >= 1 / 60 ? [perSecond * 60, "min"] : [perSecond * 3_600, "h"];
  return `${rate < 9.95 && rate % 1 !== 0 ? rate.toFixed(1) : formatCount(rate)}/${unit}`;
}

/** A share of one as a whole percentage that says 0 and 100 only where it is so: `0 %`, `37 %`, `99 %`, `100 %`. */
export function formatPercent(ratio: number): string {
  if (!Number.isFinite(ratio)) return "–";
  const percent = ratio > 0 && ratio < 1 ? Math.min(99, Math.max(1, Math.round(ratio * 100))) : Math.round(ratio * 100);
  return `${percent} %`;
}

/** US dollars: to the cent from a dollar on, to a hundredth of a cent below, and what is less than that as that: `$12.40`, `$0.0031`, `< $0.0001`. */
export function formatUsd(usd: number): string {
  if (usd > 0 && usd < 0.00005) return "< $0.0001";
  return `$${Math.abs(usd) >= 1 ? usd.toFixed(2).replace(/\B(?=(\d{3})+\.)/g, THIN_SPACE) : usd === 0 ? "0" : usd.toFixed(4)}`;
}

/** The marks of an axis up to `most` US dollars, all with the same decimals, enough to tell four of them apart: `$0.00`, `$0.25`, `$0.50`. */
export function usdTick(most: number): (usd: number) => string {
  const step = most / 4;
  const decimals = step >= 1 || step <= 0 ? 0 : Math.min(6, 1 - Math.floor(Math.log10(step)));
  return (usd) => `$${decimals === 0 ? formatCount(usd) : usd.toFixed(decimals)}`;
}

/** A price as far as it matters: six significant digits, from 10 000 on to the cent, without zeros behind: `1.0874`, `140.46`, `64250.25`. */
export const formatPrice = (price: number): string => String(Number(price >= 10_000 ? price.toFixed(2) : price.toPrecision(6)));

/** An amount of an account with its sign, to the cent: `+12.40`, `−3.00`; a true minus, so that columns align. */
export const formatGain = (amount: number): string => `${amount > 0 ? "+" : amount < 0 ? "−" : ""}${formatAmount(Math.abs(amount))}`;
export const formatAmount = (amount: number): string => amount.toFixed(2).replace(/\B(?=(\d{3})+\.)/g, THIN_SPACE);
