/** News from CSV: each headline once, bad lines named; then as a list. */
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { importNews, type ImportNewsOptions } from "./import-news.ts";
import { listNews, NewsRequest } from "./lists.ts";

let database: TestDatabase;
beforeAll(async () => { database = await cloneDatabase(); });
afterAll(() => database.drop());

const load = (text: string, more: Partial<ImportNewsOptions> = {}) => importNews(database.ctx, Readable.from([Buffer.from(text)]), { name: "news.csv", ...more });
const refused = (text: string, more: Partial<ImportNewsOptions> = {}) => load(text, more).then(() => "was taken", (error: Error) => error.message);

test("headlines are imported once; bad lines are left out and named", async () => {
  const text = [
    "Published,Ticker,Headline,Importance,Publisher",
    '2024-03-01T08:30:00Z,eurusd,"Inflation, once more, above what was expected",High,Agency',
    "2024-03-01T09:00:00+02:00,EURUSD,Central bank holds,,",
    "yesterday,EURUSD,When was it?,low,",
    "2024-03-01T10:00:00Z,,About nothing,low,",
    "2024-03-01T10:00:00Z,EURUSD,,low,",
    "2024-03-01T10:00:00Z,EURUSD,Shrug,enormous,",
    "2024-03-01T08:30:00Z,EURUSD,\"Inflation, once more, above what was expected\",low,Other",
  ].join("\n");
  const first = await load(text);
  expect(first).toMatchObject({ events: 2, known: 1, problems: 4 });
  expect(first.problemSamples).toEqual([
    { line: 4, reason: '"yesterday" is no date that is known here' }, { line: 5, reason: "symbol is missing" }, { line: 6, reason: "title is missing" }, { line: 7, reason: 'impact "enormous" is none of low, medium, high' },
  ]);
  expect(await load(text)).toMatchObject({ events: 0, known: 3 });
  expect(await database.db.newsEvent.findMany({ orderBy: { at: "asc" }, omit: { id: true } })).toEqual([
    { symbol: "EURUSD", at: new Date("2024-03-01T07:00:00Z"), title: "Central bank holds", impact: "medium", source: "" },
    { symbol: "EURUSD", at: new Date("2024-03-01T08:30:00Z"), title: "Inflation, once more, above what was expected", impact: "high", source: "Agency" },
  ]);
});

test("a file for one symbol needs no column; what is no such file is refused with what is missing", async () => {
  expect(await load("date;time;title\n01.03.2024;12:15;Zahlen; und mehr\n", { symbol: "dax", dates: "dmy" })).toMatchObject({ events: 1, problems: 0 });
  expect(await database.db.newsEvent.findFirst({ where: { symbol: "DAX" } })).toMatchObject({ at: new Date("2024-03-01T12:15:00Z"), title: "Zahlen" });
  expect(await refused("date,title\n")).toMatch(/^The first line has no column for symbol: it says date, title\./);
  expect(await refused("")).toMatch(/^The file is empty/);
  expect(await refused("date,symbol,title\n", { symbol: "no such thing!" })).toMatch(/^symbol may hold letters/);
  expect(await refused("\0\0\0")).toMatch(/no text file/);
});

test("headlines are listed, the newest first, each once however they are paged", async () => {
  await database.db.$executeRaw`truncate news_events`;
  // Several of one moment, so that the number decides.
  await load(["date,symbol,title,impact", ...Array.from({ length: 23 }, (_, n) => `2024-03-0${1 + (n % 4)}T10:00:00Z,${n % 3 === 0 ? "DAX" : "EURUSD"},Headline ${n},${n % 2 === 0 ? "high" : "low"}`)].join("\n"));
  const list = async (query: Record<string, string>) => (await listNews(database.ctx, NewsRequest.parse(query))).rows;
  const all = await list({});
  expect(all.map(({ at, id }) => [at.getTime(), id])).toEqual(all.map(({ at, id }) => [at.getTime(), id] as const).toSorted((a, b) => b[0] - a[0] || b[1] - a[1]).map((pair) => [...pair]));
  const paged: typeof all = [];
  for (let before: number | null = null, first = true; first || before; first = false) {
    const page: Awaited<ReturnType<typeof listNews>> = await listNews(database.ctx, NewsRequest.parse({ limit: 5, ...(before && { before }) }));
    paged.push(...page.rows);
    before = page.next;
  }
  expect(paged).toEqual(all);
  expect(await list({ symbol: "dax", impact: "high" })).toEqual(all.filter(({ symbol, impact }) => symbol === "DAX" && impact === "high"));
  expect(await list({ from: "2024-03-02T10:00:00Z", to: "2024-03-03T10:00:00Z" })).toEqual(all.filter(({ at }) => at.getUTCDate() === 2));
  for (const query of [{ symbol: "no such thing!" }, { impact: "enormous" }, { from: "yesterday" }, { before: "0" }, { limit: "501" }]) expect(NewsRequest.safeParse(query).success, JSON.stringify(query)).toBe(false);
});
