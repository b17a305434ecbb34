/** Brings prices in: bars from a CSV stream into `candles`, each once. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { z } from "zod";
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { inTransaction, type Ctx } from "#lib/ctx";
import { AppError, messageOf } from "#lib/errors";
import { storable } from "#lib/db/storable";
import { DATE_ORDERS, SymbolName } from "./price-columns.ts";
import { type Bar, type PriceRow, readPriceRows } from "./price-rows.ts";
import { barMs, findTimeframe, type Gap, gapBetween, TIMEFRAME_NAMES, type Timeframe } from "./timeframes.ts";

/** Bars written per transaction. */
const BATCH = 2_000;
const MAX_SAMPLES = 20;
const MAX_GAPS = 20;
/** Bars looked at for gaps of one series, the newest ones. */
const MAX_GAP_BARS = 200_000;

export const ImportPricesOptions = z.strictObject({
  /** What the file is called: shown, and read for a symbol and a timeframe, as in EURUSD_M15.csv. */
  name: z.string().min(1).max(1_000),
  symbol: SymbolName.optional(),
  timeframe: z.string().transform((name, ctx) => findTimeframe(name) ?? (ctx.addIssue(`is one of ${TIMEFRAME_NAMES.join(", ")}`), z.NEVER)).optional(),
  dates: z.enum(DATE_ORDERS).optional(),
});
export type ImportPricesOptions = z.input<typeof ImportPricesOptions>;

export type PriceProblem = { line: number; reason: string };
export type Series = { symbol: string; timeframe: Timeframe; bars: number; from: Date; to: Date; gaps: Gap[]; gapCount: number };
export type PriceProgress = { bytes: number; totalBytes: number | null; bars: number; problems: number };
export type ImportPricesResult = {
  name: string;
  bytes: number;
  /** New bars, those that were here with other figures, and those that were here as they are. */
  bars: number; changed: number; known: number;
  /** Lines that were left out, and lines that were taken although something is odd. */
  problems: number; warnings: number;
  problemSamples: PriceProblem[]; warningSamples: PriceProblem[];
  series: Series[];
};

/**
 * Imports a file. What `onProgress` throws stops the import between two batches; what was stored stays.
 *
 * @throws AppError NOT_FOUND; INVALID as `importPrices`
 */
export async function importPricesFile(ctx: Ctx, path: string, options: Omit<ImportPricesOptions, "name">, onProgress?: (progress: PriceProgress) => void): Promise<ImportPricesResult> {
  allow(ctx, "imports.run");
  const found = await stat(path).catch(() => null);
  if (!found) throw new AppError("NOT_FOUND", `There is no file ${path}.`);
  if (found.isDirectory()) throw new AppError("INVALID", `${path} is a folder. Name the CSV files in it.`);
  return importPrices(ctx, createReadStream(path), { ...options, name: path }, onProgress, found.isFile() ? found.size : null);
}

/**
 * Imports bars that arrive as CSV with a header line. Symbol and timeframe come from the options, else from columns,
 * else from the file's name. A bad line is left out and named; the rest is imported. Bars that are here are put right. The
 * first batch writes the act down, so that no bar is without it.
 *
 * @throws AppError INVALID, with nothing done, when it is no price file or nobody says whose prices they are
 */
export async function importPrices(ctx: Ctx, chunks: AsyncIterable<Uint8Array>, given: ImportPricesOptions, onProgress?: (progress: PriceProgress) => void, totalBytes: number | null = null): Promise<ImportPricesResult> {
  allow(ctx, "imports.run");
  const parsed = ImportPricesOptions.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
    throw new AppError("INVALID", `${faults.map(({ path, message }) => `${path} ${message}`).join("; ")}.`, { faults });
  }
  const work = new PriceImport(ctx, parsed.data, totalBytes, onProgress);
  try {
    await work.take(chunks);
  } catch (error) {
    if (work.hasBegun) await tell(ctx, "import.failed", { name: given.name, error: storable(messageOf(error)).slice(0, 300) });
    throw error;
  }
  const result = await work.end();
  if (!work.hasBegun) await work.begin(ctx);
  await tell(ctx, "import.completed", { name: given.name, bars: result.bars, changed: result.changed, duplicates: result.known, problems: result.problems });
  return result;
}

async function tell({ db, actor }: Ctx, type: string, data: Record<string, string | number>): Promise<void> {
  await db.$executeRaw`insert into run_events (type, actor, data) values (${type}, ${actor.name}, ${JSON.stringify({ pipeline: "trading", ...data, name: storable(String(data.name)) })}::jsonb)`;
}

type Row = Bar & { symbol: string; timeframe: Timeframe };
type Range = { symbol: string; timeframe: Timeframe; min: number; max: number };

class PriceImport {
  readonly #ctx: Ctx;
  readonly #options: z.output<typeof ImportPricesOptions>;
  readonly #named: { symbol: string | null; timeframe: Timeframe | null };
  readonly #onProgress: ((progress: PriceProgress) => void) | undefined;
  readonly #totalBytes: number | null;
  readonly #ranges = new Map<string, Range>();
  #batch = new Map<string, Row>();
  readonly #result: Omit<ImportPricesResult, "series">;

  constructor(ctx: Ctx, options: z.output<typeof ImportPricesOptions>, totalBytes: number | null, onProgress: ((progress: PriceProgress) => void) | undefined) {
    this.#ctx = ctx;
    this.#options = options;
    this.#named = readFileName(options.name);
    this.#totalBytes = totalBytes;
    this.#onProgress = onProgress;
    this.#result = { name: options.name, bytes: 0, bars: 0, changed: 0, known: 0, problems: 0, warnings: 0, problemSamples: [], warningSamples: [] };
  }

  get hasBegun(): boolean {
    return this.#result.bars + this.#result.changed + this.#result.known > 0;
  }

  begin(ctx: Ctx): Promise<void> {
    return audit(ctx, { action: "price.import", object: `prices/${storable(this.#options.name)}` });
  }

  async take(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const row of readPriceRows(this.#counted(chunks), { dates: this.#options.dates, now: new Date() })) {
      this.#takeRow(row);
      if (this.#batch.size >= BATCH) await this.#flush();
    }
    await this.#flush();
  }

  async *#counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#result.bytes += chunk.length;
      yield chunk;
    }
  }

  #takeRow(row: PriceRow): void {
    if (row.kind === "bad") {
      this.#problem(row.line, row.reason);
      return;
    }
    const symbol = this.#options.symbol ?? row.symbol ?? this.#named.symbol;
    const timeframe = this.#options.timeframe ?? row.timeframe ?? this.#named.timeframe;
    if (!symbol) throw new AppError("INVALID", "Nothing says whose prices these are. Name it with --symbol, in a column Symbol, or in the file's name, as in EURUSD_M15.csv.", { faults: [{ path: "symbol", message: "is wanted" }] });
    if (!timeframe) throw new AppError("INVALID", `Nothing says how long a bar is. Say it with --timeframe (${TIMEFRAME_NAMES.join(", ")}), in a column Timeframe, or in the file's name, as in EURUSD_M15.csv.`, { faults: [{ path: "timeframe", message: "is wanted" }] });
    const at = row.bar.at.getTime();
    const key = `${symbol} ${timeframe}`;
    const range = this.#ranges.get(key);
    // A file out of order may hide a repetition further back; there the bar is told to be known, without its line.
    if (this.#batch.has(`${key} ${at}`) || range?.max === at || range?.min === at) {
      this.#problem(row.line, `${row.bar.at.toISOString()} was there before in this file`);
      return;
    }
    if (range) {
      range.min = Math.min(range.min, at);
      range.max = Math.max(range.max, at);
    } else this.#ranges.set(key, { symbol, timeframe, min: at, max: at });
    this.#batch.set(`${key} ${at}`, { ...row.bar, symbol, timeframe });
    if (!row.warning) return;
    this.#result.warnings += 1;
    if (this.#result.warningSamples.length < MAX_SAMPLES) this.#result.warningSamples.push({ line: row.line, reason: row.warning });
  }

  #problem(line: number, reason: string): void {
    this.#result.problems += 1;
    if (this.#result.problemSamples.length < MAX_SAMPLES) this.#result.problemSamples.push({ line, reason });
  }

  async #flush(): Promise<void> {
    const { bytes, problems } = this.#result;
    if (this.#batch.size > 0) {
      const rows = [...this.#batch.values()];
      this.#batch = new Map();
      const { made, changed } = await inTransaction(this.#ctx, async (tx) => {
        if (!this.hasBegun) await this.begin(tx);
        return storeBars(tx, rows);
      });
      this.#result.bars += made;
      this.#result.changed += changed;
      this.#result.known += rows.length - made - changed;
    }
    this.#onProgress?.({ bytes, totalBytes: this.#totalBytes, bars: this.#result.bars + this.#result.changed + this.#result.known, problems });
  }

  async end(): Promise<ImportPricesResult> {
    const series: Series[] = [];
    for (const range of this.#ranges.values()) series.push(await describeSeries(this.#ctx, range));
    return { ...this.#result, series };
  }
}

/** Writes bars; those that are here with other figures are put right. */
export function storeBars(ctx: Ctx, rows: Row[]): Promise<{ made: number; changed: number }> {
  return inTransaction(ctx, async ({ db }) => {
    const written = await db.$queryRaw<{ made: boolean }[]>`
      insert into candles (symbol, timeframe, at, open, high, low, close, volume)
      select * from unnest(${rows.map((row) => row.symbol)}::text[], ${rows.map((row) => row.timeframe)}::text[], ${rows.map((row) => row.at.toISOString())}::timestamptz[],
                           ${rows.map((row) => row.open)}::float8[], ${rows.map((row) => row.high)}::float8[], ${rows.map((row) => row.low)}::float8[], ${rows.map((row) => row.close)}::float8[], ${rows.map((row) => row.volume)}::float8[])
          as bar(symbol, timeframe, at, open, high, low, close, volume)
       order by 1, 2, 3
      on conflict (symbol, timeframe, at) do update
        set open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close, volume = excluded.volume
      where (candles.open, candles.high, candles.low, candles.close, candles.volume) is distinct from (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume)
      returning xmax = 0 as made`;
    const made = written.filter((row) => row.made).length;
    return { made, changed: written.length - made };
  });
}

const Hole = z.object({ after: z.date(), before: z.date() });

/** What is stored of a series in the imported range, and where bars are missing in it. */
async function describeSeries({ db }: Ctx, { symbol, timeframe, min, max }: Range): Promise<Series> {
  const [from, to] = [new Date(min), new Date(max)];
  const rows = await db.$queryRaw`
    select after, at as before
      from (select at, lag(at) over (order by at) as after
              from (select at from candles where symbol = ${symbol} and timeframe = ${timeframe} and at between ${from} and ${to} order by at desc limit ${MAX_GAP_BARS}) newest) pairs
     where at - after > make_interval(secs => ${barMs(timeframe) / 1_000}::float8)
     order by at`;
  const gaps = z.array(Hole).parse(rows).flatMap(({ after, before }) => gapBetween(after, before, timeframe) ?? []);
  const [{ bars } = { bars: 0 }] = await db.$queryRaw<{ bars: number }[]>`select count(*)::int as bars from candles where symbol = ${symbol} and timeframe = ${timeframe} and at between ${from} and ${to}`;
  return { symbol, timeframe, bars, from, to, gaps: gaps.slice(0, MAX_GAPS), gapCount: gaps.length };
}

/** `EURUSD_M15_2020.csv` says both, `aapl.csv` the symbol; a name such as `prices.csv` says nothing. */
export function readFileName(name: string): { symbol: string | null; timeframe: Timeframe | null } {
  const base = (name.split(/[\\/]/).at(-1) ?? "").replace(/\.(csv|txt|tsv)(\.gz)?$/i, "");
  const [first = "", ...rest] = base.split(/[_ ]|(?<=[A-Za-z])-(?=[A-Za-z]?\d)/);
  const timeframe = rest.flatMap((word) => findTimeframe(word) ?? [])[0] ?? null;
  const symbol = SymbolName.safeParse(first);
  const says = symbol.success && !/^(prices?|data|ohlcv?|export|standard|history|quotes?|candles?|download)$/i.test(first);
  return { symbol: says ? symbol.data : null, timeframe };
}
