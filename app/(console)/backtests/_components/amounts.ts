import { formatAmount } from "#lib/format/number";

/** `10 102.50`, always with two decimals. */
export const money = (value: number | string): string => formatAmount(Number(value));

/** `+1.20 %`; a true minus, so that columns align. */
export const signed = (percent: number): string => `${percent > 0 ? "+" : percent < 0 ? "−" : ""}${Math.abs(percent).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })} %`;
