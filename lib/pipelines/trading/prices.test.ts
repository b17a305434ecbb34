/** Price files as people have them: real ones, odd spellings, and every kind of bad line. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { readMarket } from "./candles.ts";
import { importPrices, importPricesFile, type ImportPricesOptions, readFileName } from "./import-prices.ts";
import { readTime } from "./price-columns.ts";
import { loadSampleDesk } from "./sample-desk.ts";
import { findTimeframe, gapBetween } from "./timeframes.ts";

const AAPL = createRequire(import.meta.url).resolve("@observablehq/sample-datasets/aapl.csv");
let database: TestDatabase;
beforeAll(async () => { database = await cloneDatabase(); });
afterAll(() => database.drop());
beforeEach(() => database.db.$executeRaw`truncate candles`);

async function* chunksOf(text: string, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const load = (text: string, options: Partial<ImportPricesOptions> = {}) => importPrices(database.ctx, chunksOf(text), { name: "x_D1.csv", ...options });

test("a real file of five years: every bar is there, and again none is new", async () => {
  const first = await importPricesFile(database.ctx, AAPL, { timeframe: "D1" });
  expect(first).toMatchObject({ bars: 1260, changed: 0, known: 0, problems: 0, series: [{ symbol: "AAPL", timeframe: "D1", bars: 1260, gapCount: 0 }] });
  expect(await importPricesFile(database.ctx, AAPL, { timeframe: "daily" })).toMatchObject({ bars: 0, changed: 0, known: 1260, problems: 0 });
  expect(await database.db.candle.findFirst({ orderBy: { at: "asc" } })).toMatchObject({ symbol: "AAPL", at: new Date("2013-05-13T00:00:00Z"), open: 64.501427, high: 65.414284, low: 64.5, close: 64.96286, volume: 79237200 });
  const lines = (await readFile(AAPL, "utf8")).trim().split("\n");
  const market = await readMarket(database.db, "AAPL", "D1", new Date("2018-05-11T00:00:00Z"));
  expect(market.last?.close).toBe(Number(lines.at(-1)?.split(",")[4]));
  expect(market.bars).toHaveLength(500);
  const changed = lines.at(-1)?.split(",") ?? [];
  expect(await load([lines[0], changed.with(4, "189.000000").join(",")].join("\n"), { symbol: "AAPL" })).toMatchObject({ bars: 0, changed: 1, known: 0 });
});

test("each bad line is named with its reason, and the rest is imported", async () => {
  const text = [
    "Date,Open,High,Low,Close,Volume",
    "2024-01-02,10,11,9,10.5,100",
    "2024-01-03,NaN,11,9,10,100",
    "2024-01-04,10,11,9,10,0",
    "2024-01-05,10,8,9,10,100",
    "2024-01-02,10,11,9,10,100",
    "2999-01-01,10,11,9,10,100",
    "2024-01-08,,11,9,10,100",
    "2024-13-40,10,11,9,10,100",
    "yesterday,10,11,9,10,100",
    "2024-01-09,10,11,9,12,100",
    "2024-01-10,-1,11,-2,10,100",
    "2024-01-11,10,11,9,10,many",
    "2024-01-12",
    "2024-01-26,10,11,9,10,100",
  ].join("\r\n");
  const result = await load(text);
  expect(result).toMatchObject({ bars: 3, problems: 11, warnings: 1, warningSamples: [{ line: 4, reason: "volume is zero" }] });
  expect(result.problemSamples.map(({ line, reason }) => `${line}: ${reason}`)).toEqual([
    '3: open is "NaN", which is no number',
    "5: high 8 is below low 9",
    "6: 2024-01-02T00:00:00.000Z was there before in this file",
    "7: it lies in the future: 2999-01-01T00:00:00.000Z",
    "8: open is missing",
    '9: "2024-13-40" is no day of the calendar',
    '10: "yesterday" is no date that is known here',
    "11: open 10 or close 12 lies outside of low 9 and high 11",
    "12: open is -1, not above zero",
    '13: volume is "many", which is no amount',
    "14: open is missing",
  ]);
  expect(result.series).toMatchObject([{ symbol: "X", gapCount: 1, gaps: [{ after: new Date("2024-01-04T00:00:00Z"), missing: 15 }] }]);
});

test("the usual spellings: MT5, epochs, semicolons, columns for symbol and timeframe", async () => {
  expect(await load("<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n2024.01.02\t10:15:00\t1.1\t1.2\t1.0\t1.15\t42\t0\t3\n", { name: "EURUSD_M15_202401.csv" })).toMatchObject({ bars: 1, series: [{ symbol: "EURUSD", timeframe: "M15", from: new Date("2024-01-02T10:15:00Z") }] });
  expect((await database.db.candle.findFirst({ where: { symbol: "EURUSD" } }))?.volume).toBe(42);
  expect(await load("timestamp,symbol,interval,open,high,low,close,volume\n1704067200000,btc-usd,1h,1,2,0.5,1.5,9\n1704070800,eth-usd,1h,1,2,0.5,1.5,9\n", { name: "data.csv" })).toMatchObject({ bars: 2, series: [{ symbol: "BTC-USD", timeframe: "H1", from: new Date("2024-01-01T00:00:00Z") }, { symbol: "ETH-USD", from: new Date("2024-01-01T01:00:00Z") }] });
  expect(await load("\uFEFFDate;Open;High;Low;Close\n31.01.2024;1,5;2,5;1,0;2,0\n", { dates: "dmy" })).toMatchObject({ bars: 1, series: [{ from: new Date("2024-01-31T00:00:00Z") }] });
  expect((await load("Date,Close/Last,Volume,Open,High,Low\n01/02/2024,$1,1,$1,$1,$1\n")).problemSamples[0]?.reason).toContain("--dates mdy");
  expect(await load('Datetime,Open,High,Low,Close,Volume\n"2024-01-02 09:30:00-05:00","1,234.5",1300,1200,1250,5\n', { symbol: "spx", timeframe: "m30" })).toMatchObject({ bars: 1, series: [{ symbol: "SPX", timeframe: "M30", from: new Date("2024-01-02T14:30:00Z") }] });
});

test("what is no price file is refused with what to do, and nothing is imported", async () => {
  await expect(load("")).rejects.toThrow(/The file is empty/);
  await expect(load("a,b\n1,2\n")).rejects.toThrow(/no column for date, open, high, low, close: it says a, b/);
  await expect(load("Date,Open,High,Low,Close\n2024-01-02,1,1,1,1\n", { name: "prices.csv" })).rejects.toThrow(/Nothing says whose prices these are/);
  await expect(load("Date,Open,High,Low,Close\n2024-01-02,1,1,1,1\n", { name: "aapl.csv" })).rejects.toThrow(/Nothing says how long a bar is/);
  await expect(load("x", { timeframe: "fortnight" })).rejects.toThrow(/timeframe is one of M1/);
  await expect(load("\0\0\0\n")).rejects.toThrow(/no text file/);
  await expect(importPricesFile(database.ctx, "/nowhere/x.csv", {})).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(await database.db.candle.count()).toBe(0);
});

test("a time that is printed as ISO is read as itself, and nothing throws on any text", () => {
  fc.assert(fc.property(fc.date({ min: new Date("1900-01-01"), max: new Date("2100-01-01"), noInvalidDate: true }), (date) => {
    const at = new Date(Math.floor(date.getTime() / 1_000) * 1_000);
    expect(readTime(at.toISOString(), undefined, undefined)).toEqual({ at });
  }));
  fc.assert(fc.property(fc.string(), fc.option(fc.string(), { nil: undefined }), (text, time) => "at" in readTime(text, time, "mdy") || true));
  expect(readFileName("C:\\data\\EURUSD_M15.csv")).toEqual({ symbol: "EURUSD", timeframe: "M15" });
  expect(readFileName("BTC-USD.csv")).toEqual({ symbol: "BTC-USD", timeframe: null });
  expect(findTimeframe("15min")).toBe("M15");
});

test("weekends and nights are no gaps, missing working days and hours are", () => {
  const day = (text: string) => new Date(`${text}Z`);
  expect(gapBetween(day("2024-01-05T00:00"), day("2024-01-08T00:00"), "D1")).toBeNull();
  expect(gapBetween(day("2024-01-05T00:00"), day("2024-01-09T00:00"), "D1")).toBeNull();
  expect(gapBetween(day("2024-01-05T00:00"), day("2024-01-10T00:00"), "D1")).toMatchObject({ missing: 2 });
  expect(gapBetween(day("2024-01-05T20:00"), day("2024-01-08T14:00"), "H1")).toBeNull();
  expect(gapBetween(day("2024-01-05T10:00"), day("2024-01-05T13:00"), "H1")).toMatchObject({ missing: 2 });
});

test("the sample desk is set up once, with bars that are made up and say so", async () => {
  const first = await loadSampleDesk(database.ctx);
  expect(first).toMatchObject({ bars: 3_600, symbols: ["SAMPLE-UP", "SAMPLE-DOWN", "SAMPLE-FLAT"] });
  expect(await loadSampleDesk(database.ctx)).toMatchObject({ accountId: first.accountId, bars: 0 });
  expect(await database.db.strategy.count()).toBe(3);
});
