/** Reads a price file row by row: each is a bar, or a line with the reason why it is none. */
import type { DateOrder } from "./price-columns.ts";
import { type Columns, findColumns, readTime, SymbolName } from "./price-columns.ts";
import { findTimeframe, type Timeframe } from "./timeframes.ts";
import { AppError } from "#lib/errors";

export type Bar = { at: Date; open: number; high: number; low: number; close: number; volume: number };
export type PriceRow =
  | { kind: "bar"; line: number; symbol: string | null; timeframe: Timeframe | null; bar: Bar; warning: string | null }
  | { kind: "bad"; line: number; reason: string };

export type RowOptions = { dates?: DateOrder; now: Date };

const MAX_HEADER_BYTES = 64_000;
/** A line longer than this is no price. */
const MAX_RECORD_BYTES = 100_000;
const DELIMITERS = ["\t", ";", ",", "|"];

/**
 * The rows of a file with a header line, as they come; memory does not grow with the file.
 *
 * @throws AppError INVALID when there is no header line, or a column is missing that must be there
 */
export async function* readPriceRows(chunks: AsyncIterable<Uint8Array>, { dates, now }: RowOptions): AsyncGenerator<PriceRow> {
  for await (const { row } of readCsv(chunks, columnsOf, (record, columns, { line, delimiter }) => readRow(record, line, columns, delimiter, { dates, now }), "Date,Open,High,Low,Close,Volume")) yield row;
}

/**
 * The lines of a CSV file behind its header line, each as `read` makes it with the columns that `columnsOf` found.
 *
 * @throws AppError INVALID when there is no header line, or it is no CSV; what `columnsOf` throws
 */
export async function* readCsv<C, R>(chunks: AsyncIterable<Uint8Array>, columnsOf: (headers: string[]) => C, read: (record: string[], columns: C, at: { line: number; delimiter: string }) => R, example = "Date,Symbol,Title"): AsyncGenerator<{ line: number; row: R }> {
  const [{ parse }, { Readable, pipeline }] = await Promise.all([import("csv-parse"), import("node:stream")]);
  const { delimiter, all } = await findDelimiter(chunks);
  const parser = parse({ delimiter, bom: true, info: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true, trim: true, max_record_size: MAX_RECORD_BYTES });
  // A failure of the source reaches the loop below through the parser.
  pipeline(Readable.from(all), parser, () => {});
  let columns: C | null = null;
  try {
    for await (const entry of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      const { record, info } = entry;
      if (columns) yield { line: info.lines, row: read(record, columns, { line: info.lines, delimiter }) };
      else columns = columnsOf(record);
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && String(error.code).startsWith("CSV_")) throw new AppError("INVALID", `The file cannot be read as CSV: ${error.message}.`, { cause: error });
    throw error;
  }
  if (!columns) throw new AppError("INVALID", `The file is empty. It wants a header line, such as ${example}.`);
}

function columnsOf(headers: string[]): Columns {
  const { columns, missing } = findColumns(headers);
  if (missing.length === 0) return columns;
  const names = missing.map((name) => (name === "at" ? "date" : name)).join(", ");
  throw new AppError("INVALID", `The first line has no column for ${names}: it says ${headers.slice(0, 12).join(", ").slice(0, 200)}. It wants a header line, such as Date,Open,High,Low,Close,Volume.`);
}

/** Looks at the first line only, and gives the source back as if nobody had looked. */
async function findDelimiter(chunks: AsyncIterable<Uint8Array>): Promise<{ delimiter: string; all: AsyncIterable<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const seen: Uint8Array[] = [];
  let size = 0;
  let header = "";
  while (size < MAX_HEADER_BYTES && !header.includes("\n")) {
    const { value, done } = await iterator.next();
    if (done) break;
    seen.push(value);
    size += value.length;
    header = Buffer.concat(seen).toString("utf8");
  }
  const line = header.split("\n", 1)[0] ?? "";
  if (line.includes("\0")) throw new AppError("INVALID", "This is no text file. Save it as CSV in UTF-8.");
  const [best = ","] = DELIMITERS.toSorted((a, b) => line.split(b).length - line.split(a).length);
  async function* again(): AsyncGenerator<Uint8Array> {
    try {
      yield* seen;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { delimiter: best, all: again() };
}

function readRow(record: string[], line: number, columns: Columns, delimiter: string, { dates, now }: RowOptions): PriceRow {
  const bad = (reason: string): PriceRow => ({ kind: "bad", line, reason });
  const text = (name: keyof Columns): string | undefined => (columns[name] === undefined ? undefined : record[columns[name]]?.trim());
  const when = readTime(text("at") ?? "", text("time"), dates);
  if ("reason" in when) return bad(when.reason);
  const { at } = when;
  if (Number.isNaN(at.getTime()) || at.getUTCFullYear() < 1800) return bad("its date is out of range");
  if (at > now) return bad(`it lies in the future: ${at.toISOString()}`);
  const price = { open: NaN, high: NaN, low: NaN, close: NaN };
  for (const name of ["open", "high", "low", "close"] as const) {
    const said = text(name) ?? "";
    if (said === "") return bad(`${name} is missing`);
    price[name] = readNumber(said, delimiter);
    if (!Number.isFinite(price[name])) return bad(`${name} is "${said.slice(0, 20)}", which is no number`);
    if (price[name] <= 0) return bad(`${name} is ${said.slice(0, 20)}, not above zero`);
  }
  const { open, high, low, close } = price;
  if (high < low) return bad(`high ${high} is below low ${low}`);
  if (open > high || close > high || open < low || close < low) return bad(`open ${open} or close ${close} lies outside of low ${low} and high ${high}`);
  const saidVolume = text("volume") ?? "";
  const volume = saidVolume === "" ? 0 : readNumber(saidVolume, delimiter);
  if (!Number.isFinite(volume) || volume < 0) return bad(`volume is "${saidVolume.slice(0, 20)}", which is no amount`);
  const symbol = text("symbol") ? SymbolName.safeParse(text("symbol")) : null;
  if (symbol && !symbol.success) return bad(`symbol "${(text("symbol") ?? "").slice(0, 30)}" ${symbol.error.issues[0]?.message ?? "is no symbol"}`);
  const saidTimeframe = text("timeframe");
  const timeframe = saidTimeframe ? findTimeframe(saidTimeframe) : null;
  if (saidTimeframe && !timeframe) return bad(`timeframe "${saidTimeframe.slice(0, 20)}" is not known`);
  const warning = columns.volume !== undefined && volume === 0 ? "volume is zero" : null;
  return { kind: "bar", line, symbol: symbol?.data ?? null, timeframe, bar: { at, open, high, low, close, volume }, warning };
}

/** `1,234.5` and, where the comma does not part the columns, `1234,5`; a currency sign before it is passed over. */
function readNumber(said: string, delimiter: string): number {
  const bare = said.replace(/^[$€£]\s*/, "");
  if (delimiter !== "," && /^-?\d+,\d+$/.test(bare)) return Number(bare.replace(",", "."));
  if (/^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(bare)) return Number(bare.replaceAll(",", ""));
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(bare) ? Number(bare) : NaN;
}
