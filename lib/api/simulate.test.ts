import { afterAll, beforeAll, expect, test } from "vitest";
import { webDb } from "#lib/db/client";
import { AppError } from "#lib/errors";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { signedIn } from "#lib/testing/people";
import type { SimulatedDay } from "#lib/backtests/queries";
import { answerPlain } from "./route.ts";
import { printDay, printPeriods, startingHoldings } from "./results.ts";
import { parseResults, parseTrigger, seedRoute } from "./simulate.ts";

const call = async (handler: Parameters<typeof seedRoute>[0], init?: RequestInit) => {
  const response = await seedRoute(handler)(new Request("http://127.0.0.1/simulate/trigger", init), { params: Promise.resolve({}) });
  return { status: response.status, body: await response.json() };
};
const post = (body: string): RequestInit => ({ method: "POST", body, headers: { ...headers, "content-type": "application/json" } });

let database: TestDatabase;
let headers: Record<string, string>;
beforeAll(async () => {
  database = await cloneDatabase();
  headers = { cookie: (await signedIn(database.db)).cookie };
});
afterAll(async () => {
  await webDb().$disconnect();
  await database.drop();
});

test("a database that does not answer is 503 in the seed's words", async () => {
  // Nothing listens on this port: the refusal is the driver's own.
  process.env.DATABASE_URL = "postgres://nobody@127.0.0.1:1/nothing";
  const away = await call(async () => answerPlain({}), { headers });
  expect(away).toMatchObject({ status: 503, body: { error: "unavailable", message: "Database temporarily unavailable", detail: "Database temporarily unavailable" } });
  // The process keeps one client; the other tests want one of the database that is there.
  Reflect.deleteProperty(globalThis, "penstockDb");
  process.env.DATABASE_URL = database.url;
});

test("nobody is 401, bad data 400, a bug 500 without its message", async () => {
  expect(await call(async () => answerPlain({}))).toMatchObject({ status: 401, body: { error: "unauthorized" } });
  const bad = await call(async () => { throw new AppError("INVALID", "start_date must be <= end_date"); }, { headers });
  expect(bad).toMatchObject({ status: 400, body: { error: "invalid_request", message: "start_date must be <= end_date" } });
  const broken = await call(async () => { throw new Error("the secret is 42"); }, { headers });
  expect(broken.status).toBe(500);
  expect(JSON.stringify(broken.body)).not.toContain("42");
});

test("the bodies of all three generations are understood; what is none is refused", async () => {
  const parse = (body: object) => parseTrigger(new Request("http://127.0.0.1/", post(JSON.stringify(body))));
  expect(await parse({})).toMatchObject({ configPath: "", params: { from: "", to: "", models: "" } });
  expect(await parse({ config_path: "c.json", date_range: ["2025-01-16", "2025-01-17"], models: ["a", "b"] })).toMatchObject({ configPath: "c.json", params: { dates: "2025-01-16,2025-01-17", models: "a,b" } });
  expect(await parse({ start_date: null, end_date: "2025-01-17", replace_existing: true })).toMatchObject({ params: { from: "", to: "2025-01-17", replaceExisting: true } });
  for (const body of ["[]", "nonsense", '{"models": "a"}', '{"end_date": 7}', '{"date_range": []}', '{"models": ["a,b"]}', '{"initial_cash": -1}']) {
    expect((await call(async (_, { request }) => answerPlain(await parseTrigger(request)), post(body))).status, body).toBe(400);
  }
});

test("results: one day, a range, a job's own days, or the last thirty", () => {
  const parse = (query: string) => parseResults(new URLSearchParams(query), "2025-03-01");
  expect(parse("date=2025-01-16&detail=full")).toEqual({ from: "2025-01-16", to: "2025-01-16", isSingle: true, reasoning: "full" });
  expect(parse("start_date=2025-01-16&end_date=2025-01-20&model=cash")).toEqual({ from: "2025-01-16", to: "2025-01-20", model: "cash", isSingle: false, reasoning: "none" });
  expect(parse("end_date=2025-01-20")).toMatchObject({ from: "2025-01-20", to: "2025-01-20", isSingle: true });
  expect(parse("job_id=x")).toEqual({ jobId: "x", isSingle: false, reasoning: "none" });
  expect(parse("")).toMatchObject({ from: "2025-01-30", to: "2025-03-01", isSingle: false });
  for (const query of ["date=2025-1-6", "date=2025-13-01", "date=2025-03-02", "start_date=2025-01-20&end_date=2025-01-16", "date=2025-01-16&end_date=2025-01-17"]) expect(() => parse(query), query).toThrow(AppError);
});

const day = (change: Partial<SimulatedDay>): SimulatedDay => ({
  id: 1, jobId: "j", model: "cash", date: "2025-01-16", startingCash: "10000.000000", startingValue: "10000.000000", endingCash: "9800.000000", endingValue: "10000.000000", dailyProfit: "0.000000",
  dailyReturnPercent: 0, daysSinceLast: null, steps: 3, summary: "Bought.", durationMs: 12, completedAt: new Date(0), supersededAt: null,
  positions: [{ actionId: 0, actionType: "sell", symbol: "BBB", quantity: 3, price: 10, cash: 10_030 }, { actionId: 1, actionType: "buy", symbol: "AAA", quantity: 2, price: 115, cash: 9_800 }], holdings: [{ symbol: "AAA", quantity: 2, price: 115 }], ...change,
});

test("a day tells what was held before and after; a range what it comes to", () => {
  expect(startingHoldings(day({}))).toEqual([{ symbol: "BBB", quantity: 3 }]);
  expect(printDay(day({}), undefined, "summary")).toMatchObject({ starting_position: { cash: 10_000, portfolio_value: 10_000 }, final_position: { cash: 9_800, holdings: [{ symbol: "AAA", quantity: 2 }] }, metadata: { total_actions: 2 }, reasoning: "Bought." });
  const [period] = printPeriods([day({}), day({ date: "2025-01-20", startingValue: "11000.000000", endingValue: "11000.000000" })]);
  expect(period).toMatchObject({ model: "cash", start_date: "2025-01-16", end_date: "2025-01-20", period_metrics: { period_return_pct: 10, calendar_days: 5, trading_days: 2 } });
});
