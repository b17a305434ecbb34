import { stripVTControlCharacters } from "node:util";
import { printJson, prettyJson } from "#lib/format/json";
import type { Io, Option } from "./command.ts";
import { paint } from "./style.ts";

export const OUTPUT_FORMATS = ["table", "json", "ndjson", "ids"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** For every command that prints results. */
export const OUTPUT_OPTIONS = {
  output: { type: "string", short: "o", choices: OUTPUT_FORMATS, value: "format", help: "how results are printed: table unless said" },
  json: { type: "boolean", help: "the same as -o json" },
} as const satisfies Record<string, Option>;

export function outputFormat(values: { output?: OutputFormat; json?: boolean }): OutputFormat {
  return values.output ?? (values.json ? "json" : "table");
}

/** One column of a table. `print` may colour its text. */
export type Column<Row> = { header: string; align?: "right"; print: (row: Row) => string };

/** How one kind of row is printed in each format. `json` may say what programs get, where that is not the row itself. */
export type Listing<Row> = { columns: Column<Row>[]; id: (row: Row) => string | number; json?: (row: Row) => unknown; empty: string };

/**
 * Prints rows on standard output. Only a table on a terminal is cut to its width; programs get everything.
 * An empty table says so on standard error, so that a program reads nothing.
 */
export function printRows<Row>(io: Io, format: OutputFormat, rows: Row[], listing: Listing<Row>): void {
  const plain = listing.json ?? ((row: Row) => row);
  switch (format) {
    case "ids":
      for (const row of rows) io.out(`${listing.id(row)}\n`);
      return;
    case "ndjson":
      for (const row of rows) io.out(`${printJson(plain(row))}\n`);
      return;
    case "json":
      io.out(`${prettyJson(rows.map(plain))}\n`);
      return;
    case "table":
      if (rows.length === 0) io.err(`${listing.empty}\n`);
      else io.out(renderTable(io, rows, listing.columns));
  }
}

/** Prints one thing in full: `table` in its own drawing, the rest as `printRows` does. */
export function printOne<Row>(io: Io, format: OutputFormat, row: Row, draw: { id: string | number; table: () => string; json?: unknown }): void {
  const json = draw.json ?? row;
  if (format === "table") io.out(draw.table());
  else if (format === "ids") io.out(`${draw.id}\n`);
  else io.out(`${format === "json" ? prettyJson(json) : printJson(json)}\n`);
}

const GAP = "  ";

/**
 * Rows under their headers: numbers right, two spaces between columns, nothing after the last one.
 * On a terminal each line is cut to its width, the cut shown as `…`.
 */
export function renderTable<Row>(io: Pick<Io, "colour" | "isTty" | "width">, rows: Row[], columns: Column<Row>[]): string {
  const cells = rows.map((row) => columns.map((column) => oneLine(column.print(row))));
  const widths = columns.map((column, i) => Math.max(column.header.length, ...cells.map((line) => textWidth(line[i] ?? ""))));
  const layOut = (line: string[]) =>
    columns.map((column, i) => pad(line[i] ?? "", widths[i] ?? 0, column.align === "right", i === columns.length - 1)).join(GAP);
  const lines = [paint(io, "grey", layOut(columns.map(({ header }) => header)).trimEnd()), ...cells.map((line) => layOut(line).trimEnd())];
  return `${lines.map((line) => (io.isTty ? cut(line, io.width) : line)).join("\n")}\n`;
}

/** A name and a value a line, aligned; lines without a value are left out. */
export function renderFacts(io: Pick<Io, "colour">, facts: [name: string, value: string | null | undefined][]): string {
  const said = facts.filter((fact): fact is [string, string] => fact[1] !== null && fact[1] !== undefined && fact[1] !== "");
  const width = Math.max(0, ...said.map(([name]) => name.length));
  return said.map(([name, value]) => `${paint(io, "grey", name.padEnd(width))}${GAP}${value.split("\n").join(`\n${" ".repeat(width)}${GAP}`)}\n`).join("");
}

function pad(text: string, width: number, right: boolean, last: boolean): string {
  const space = " ".repeat(Math.max(0, width - textWidth(text)));
  if (right) return space + text;
  return last ? text : text + space;
}

const segments = new Intl.Segmenter("en", { granularity: "grapheme" });
/** Scripts whose letters take two columns (Unicode Standard Annex 11, wide and fullwidth), as far as names hold them. */
const WIDE = /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u;
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/** Columns that the text takes on a terminal. */
export function textWidth(text: string): number {
  const plain = stripVTControlCharacters(text);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: printable ASCII is the common case, one column each
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.length;
  let width = 0;
  for (const { segment } of segments.segment(plain)) width += ZERO.test(segment) ? 0 : WIDE.test(segment) ? 2 : 1;
  return width;
}

/** A cell is one line, whatever a program or a message put into it; control characters would move the cursor. */
function oneLine(text: string): string {
  const COLOUR_OR_CONTROL = /(\x1b\[\d+m)|[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;
  return text.replace(COLOUR_OR_CONTROL, (_, colour: string | undefined) => colour ?? " ");
}

/** The line, cut to `width` columns. Colours take none, and are closed when cut. */
export function cut(line: string, width: number): string {
  if (textWidth(line) <= width) return line;
  let room = width - 1;
  let kept = "";
  for (const part of line.split(/(\x1b\[\d+m)/)) {
    if (/^\x1b\[\d+m$/.test(part)) {
      kept += part;
      continue;
    }
    for (const { segment } of segments.segment(part)) {
      room -= textWidth(segment);
      if (room < 0) return `${kept}…${line.includes("\x1b[") ? "\x1b[0m" : ""}`;
      kept += segment;
    }
  }
  return kept;
}
