/** Brings news in: headlines from a CSV stream into `news_events`, each once. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { z } from "zod";
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { inTransaction, type Ctx } from "#lib/ctx";
import { AppError } from "#lib/errors";
import { storable } from "#lib/db/storable";
import { DATE_ORDERS, readTime, SymbolName } from "./price-columns.ts";
import { readCsv } from "./price-rows.ts";

/** Headlines written per transaction. */
const BATCH = 1_000;
const MAX_SAMPLES = 20;
const MAX_TITLE_CHARS = 500;
export const IMPACTS = ["low", "medium", "high"] as const;
type Impact = (typeof IMPACTS)[number];

const COLUMNS = {
  at: ["date", "datetime", "timestamp", "time", "published", "publishedat"],
  time: ["time", "hour"],
  symbol: ["symbol", "ticker", "instrument", "pair", "currency"],
  title: ["title", "headline", "event", "news", "text"],
  impact: ["impact", "importance", "volatility"],
  source: ["source", "publisher", "site"],
} as const;
type Columns = Partial<Record<keyof typeof COLUMNS, number>>;

export const ImportNewsOptions = z.strictObject({ name: z.string().min(1).max(1_000), symbol: SymbolName.optional(), dates: z.enum(DATE_ORDERS).optional() });
export type ImportNewsOptions = z.input<typeof ImportNewsOptions>;
export type ImportNewsResult = {
  name: string;
  /** New headlines, and those that were here. */
  events: number; known: number;
  problems: number; problemSamples: { line: number; reason: string }[];
};
type NewsRow = { symbol: string; at: Date; title: string; impact: Impact; source: string };

/** @throws AppError NOT_FOUND; INVALID as `importNews` */
export async function importNewsFile(ctx: Ctx, path: string, options: Omit<ImportNewsOptions, "name">, onBatch?: () => void): Promise<ImportNewsResult> {
  allow(ctx, "imports.run");
  const found = await stat(path).catch(() => null);
  if (!found) throw new AppError("NOT_FOUND", `There is no file ${path}.`);
  if (found.isDirectory()) throw new AppError("INVALID", `${path} is a folder. Name the CSV files in it.`);
  return importNews(ctx, createReadStream(path), { ...options, name: path }, onBatch);
}

/**
 * Imports headlines that arrive as CSV with a header line: a date, a title, and a symbol unless the options say it. A bad line
 * is left out and named. One that is here already (symbol, time and title the same) stays as it is. What `onBatch` throws
 * stops the import; what was stored stays.
 *
 * @throws AppError INVALID when it is no such file, or nobody says what the news are about
 */
export async function importNews(ctx: Ctx, chunks: AsyncIterable<Uint8Array>, given: ImportNewsOptions, onBatch?: () => void): Promise<ImportNewsResult> {
  allow(ctx, "imports.run");
  const parsed = ImportNewsOptions.safeParse(given);
  if (!parsed.success) throw new AppError("INVALID", `${parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; ")}.`);
  const { name, symbol, dates } = parsed.data;
  const result: ImportNewsResult = { name, events: 0, known: 0, problems: 0, problemSamples: [] };
  let batch: NewsRow[] = [];
  // With the first batch, so that none is without it.
  const begin = (tx: Ctx) => audit(tx, { action: "news.import", object: `news/${storable(name)}` });
  const flush = async () => {
    if (batch.length === 0) return;
    const made = await inTransaction(ctx, async (tx) => {
      if (result.events + result.known === 0) await begin(tx);
      return storeNews(tx, batch);
    });
    result.events += made;
    result.known += batch.length - made;
    batch = [];
    onBatch?.();
  };
  for await (const { line, row } of readCsv(chunks, (headers) => columnsOf(headers, symbol !== undefined), (record, columns) => readRow(record, columns, { symbol, dates }))) {
    if ("reason" in row) {
      result.problems += 1;
      if (result.problemSamples.length < MAX_SAMPLES) result.problemSamples.push({ line, reason: row.reason });
    } else batch.push(row);
    if (batch.length >= BATCH) await flush();
  }
  await flush();
  const { events, known, problems } = result;
  const told = { name: storable(name), news: events, duplicates: known, problems };
  await inTransaction(ctx, async (tx) => {
    await tx.db.$executeRaw`insert into run_events (type, actor, data) values ('import.completed', ${tx.actor.name}, ${JSON.stringify({ pipeline: "trading", ...told })}::jsonb)`;
    if (events + known === 0) await begin(tx);
  });
  return result;
}

function columnsOf(headers: string[], hasSymbol: boolean): Columns {
  const spelled = headers.map((header) => header.toLowerCase().replace(/[^a-z]/g, ""));
  const columns: Columns = {};
  for (const [name, spellings] of Object.entries(COLUMNS) as [keyof Columns, readonly string[]][]) {
    const found = spellings.map((spelling) => spelled.indexOf(spelling)).find((at) => at >= 0 && !(name === "time" && at === columns.at));
    if (found !== undefined) columns[name] = found;
  }
  const missing = (["at", "title", ...(hasSymbol ? [] : ["symbol" as const])] as const).filter((name) => columns[name] === undefined);
  if (missing.length === 0) return columns;
  throw new AppError("INVALID", `The first line has no column for ${missing.map((name) => (name === "at" ? "date" : name)).join(", ")}: it says ${headers.slice(0, 12).join(", ").slice(0, 200)}. It wants a header line, such as Date,Symbol,Title,Impact,Source${hasSymbol ? "" : "; --symbol says it for the whole file"}.`);
}

function readRow(record: string[], columns: Columns, { symbol, dates }: { symbol: string | undefined; dates: z.output<typeof ImportNewsOptions>["dates"] }): NewsRow | { reason: string } {
  const text = (name: keyof Columns): string => (columns[name] === undefined ? "" : (record[columns[name]]?.trim() ?? ""));
  const when = readTime(text("at"), text("time") || undefined, dates);
  if ("reason" in when) return when;
  if (Number.isNaN(when.at.getTime()) || when.at.getUTCFullYear() < 1800 || when.at.getUTCFullYear() > 2200) return { reason: "its date is out of range" };
  const named = symbol ? { success: true as const, data: symbol } : SymbolName.safeParse(text("symbol"));
  if (!named.success) return { reason: text("symbol") === "" ? "symbol is missing" : `symbol "${text("symbol").slice(0, 30)}" ${named.error.issues[0]?.message ?? "is no symbol"}` };
  const title = storable(text("title")).slice(0, MAX_TITLE_CHARS);
  if (title === "") return { reason: "title is missing" };
  const impact = text("impact").toLowerCase() || "medium";
  if (!isImpact(impact)) return { reason: `impact "${impact.slice(0, 20)}" is none of ${IMPACTS.join(", ")}` };
  return { symbol: named.data, at: when.at, title, impact, source: storable(text("source")).slice(0, 200) };
}

const isImpact = (word: string): word is Impact => (IMPACTS as readonly string[]).includes(word);

function storeNews(ctx: Ctx, rows: NewsRow[]): Promise<number> {
  return inTransaction(ctx, async ({ db }) => db.$executeRaw`
    insert into news_events (symbol, at, title, impact, source)
    select * from unnest(${rows.map(({ symbol }) => symbol)}::text[], ${rows.map(({ at }) => at.toISOString())}::timestamptz[], ${rows.map(({ title }) => title)}::text[], ${rows.map(({ impact }) => impact)}::text[], ${rows.map(({ source }) => source)}::text[])
     order by 1, 2, 3
    on conflict (symbol, at, title) do nothing`);
}
