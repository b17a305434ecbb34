/** How rows become text: pure. */
import type { ExportColumn } from "./fields.ts";

type Row = Record<string, unknown>;

/**
 * Text that a spreadsheet would take for a formula: it may call programs or send cells elsewhere (CWE-1236). Full-width
 * signs count too, which some locales read as the plain ones, and signs behind blanks, which some programs trim.
 */
const FORMULA = /^(?:[\s\0\u200b\u2400]*[=+\-@＝＋－＠]|[\t\r\n\0])/;

/** Text that no spreadsheet runs: a leading apostrophe marks it as text. Numbers never come here. */
export const neutralise = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);

/** A field after RFC 4180: quoted where it must be, and where it is empty, so that nothing and no text differ. */
const quote = (text: string): string => (text === "" || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/**
 * One cell: numbers as they are, times as ISO 8601 in UTC, `subjects` as `symbol=EURUSD; symbol=GBPUSD`,
 * what is missing as nothing at all.
 */
export function printCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.length === 0 ? "" : quote(neutralise(value.map(([name, of]) => `${name}=${of}`).join("; ")));
  return quote(neutralise(String(value)));
}

/** A record of RFC 4180, with its CRLF. */
export const printCsvRow = (row: Row, columns: readonly ExportColumn[]): string => `${columns.map(({ name }) => printCell(row[name])).join(",")}\r\n`;
export const printCsvHeader = (columns: readonly ExportColumn[]): string => `${columns.map(({ name }) => name).join(",")}\r\n`;

/** One JSON object a line, its members in the order of the columns; `subjects` are pairs, as the API gives them. */
export const printNdjsonRow = (row: Row, columns: readonly ExportColumn[]): string => `${JSON.stringify(Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null])))}\n`;
