/** The job manager's contract, on a real database with a real worker. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, expect, test } from "vitest";
import { retryRun } from "#lib/engine/retry";
import { triggerRun } from "#lib/engine/trigger";
import { backtestExportResponse } from "#lib/api/backtest-export";
import { AppError } from "#lib/errors";
import { importPrices } from "#lib/pipelines/trading/import-prices";
import { ROOT } from "#lib/root";
import { makePrices, storePrices } from "#lib/testing/candles";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { waitFor } from "#lib/testing/wait";
import { startWorker, type RunningWorker } from "#lib/worker/main";
import { cancelJob, cleanUpJobs, type StartJobInput, startJob } from "./mutations.ts";
import { findCurrentJob, getJob, listJobs, listModelDays, listSimulatedDays, listTalks } from "./queries.ts";
import { isOpenJob } from "./rules.ts";

let database: TestDatabase;
let worker: RunningWorker | null = null;
const fatal: Error[] = [];
const SYMBOLS = ["AAA", "BBB", "CCC"];
const prices = makePrices(SYMBOLS, "2025-01-01", 60);

beforeAll(async () => {
  database = await cloneDatabase();
  // 2025-01-20 is a holiday; on 2025-01-23 one symbol lacks a price.
  await storePrices(database.db, prices.filter(({ date, symbol }) => date !== "2025-01-20" && !(date === "2025-01-23" && symbol === "BBB")));
});
afterAll(async () => {
  expect(fatal).toEqual([]);
  await worker?.stop();
  await database.drop();
});

const work = async () => {
  worker ??= await startWorker({ url: database.url, concurrency: 4, onFatal: (error) => fatal.push(error) });
};
const start = (params: StartJobInput["params"]) => startJob(database.ctx, { params });
const ended = (jobId: string) => waitFor(`job ${jobId} to end`, async () => {
  const job = await getJob(database.ctx, jobId);
  return !isOpenJob(job.status) && job;
}, 30_000);
const refusal = (promise: Promise<unknown>) => promise.then(() => { throw new Error("was not refused"); }, (error: unknown) => {
  if (error instanceof AppError) return error;
  throw error;
});

test("bad requests are refused with the field and a sentence, and leave nothing", async () => {
  const told = async (params: StartJobInput["params"]) => (await refusal(start(params).catch((error) => { throw error.name === "ZodError" ? new AppError("INVALID", error.issues[0].message) : error; }))).message;
  expect(await told({ from: "2025-01-17", to: "2025-01-16" })).toBe("start_date must be <= end_date: 2025-01-17 is after 2025-01-16.");
  expect(await told({ from: "2025-01-16", to: "2999-01-01" })).toMatch(/^Cannot simulate future dates/);
  expect(await told({ from: "2025-1-6", to: "2025-01-16" })).toBe("Invalid date format. Expected YYYY-MM-DD");
  expect(await told({ from: "2025-02-30", to: "2025-03-01" })).toBe("Invalid date format. Expected YYYY-MM-DD");
  expect(await told({ from: "2023-01-01", to: "2025-01-16" })).toMatch(/^The range has 747 days; 400 is the most/);
  expect(await told({ from: "2025-01-16", to: "2025-01-16", models: "gpt-99" })).toMatch(/^There is no model "gpt-99"\. There is: buy-and-hold/);
  expect(await told({ from: "2025-01-16", to: "2025-01-16", models: "ai:gpt-5" })).toMatch(/Set PENSTOCK_AI_BASE_URL/);
  expect(await told({ from: "2025-01-16", to: "2025-01-16", symbols: "MOON" })).toMatch(/^There are no daily prices of MOON/);
  expect(await told({ from: "2025-01-18", to: "2025-01-19" })).toBe("There is no trading date from 2025-01-18 to 2025-01-19.");
  expect(await told({ from: "2025-01-23", to: "2025-01-23" })).toBe("No trading date can be simulated. 2025-01-23: Incomplete price data: no price of BBB.");
  expect(await database.db.run.count()).toBe(0);
});

test("two hundred triggers at once, in this process and two others, make one job", async () => {
  const params = { from: "2025-01-16", to: "2025-01-17", models: "cash,buy-and-hold" };
  const others = await Promise.all([1, 2].map(async () => {
    const child = spawn(process.execPath, ["--conditions=react-server", "--disable-warning=ExperimentalWarning", "lib/testing/trigger-process.ts", database.url, "70", JSON.stringify(params)], { cwd: ROOT, stdio: ["pipe", "pipe", "inherit"] });
    await once(child.stdout, "data");
    return child;
  }));
  for (const child of others) child.stdin.end("now\n");
  const here = Promise.all(Array.from({ length: 60 }, () => start(params))).then((started) => started.map(({ created, job }) => ({ created, jobId: job.jobId })));
  const there = await Promise.all(others.map(async ({ stdout }): Promise<Awaited<typeof here>> => JSON.parse(await text(stdout))));
  const results = [...(await here), ...there.flat()];
  expect(results).toHaveLength(200);
  expect(results.filter(({ created }) => created)).toHaveLength(1);
  expect(new Set(results.map(({ jobId }) => jobId)).size).toBe(1);
  expect(await database.db.backtestJob.count()).toBe(1);
  expect(await database.db.run.count()).toBe(1);
}, 120_000);

test("a job begins pending with a row for each model-day; the same range is the same job, another is in the way", async () => {
  const { created, job } = await start({ from: "2025-01-16", to: "2025-01-17", models: "buy-and-hold" });
  expect(created).toBe(false);
  expect(job).toMatchObject({ status: "pending", dates: ["2025-01-16", "2025-01-17"], startedAt: null, completedAt: null });
  expect(job.jobId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/);
  expect((await listModelDays(database.ctx, job.jobId)).map(({ date, model, status }) => [date, model, status])).toEqual([
    ["2025-01-16", "buy-and-hold", "pending"], ["2025-01-16", "cash", "pending"], ["2025-01-17", "buy-and-hold", "pending"], ["2025-01-17", "cash", "pending"]]);
  const busy = await refusal(start({ from: "2025-01-21", to: "2025-01-22" }));
  expect(busy).toMatchObject({ code: "CONFLICT", details: { jobId: job.jobId } });
  expect(busy.message).toMatch(/^Another simulation job is already running/);
  expect((await findCurrentJob(database.ctx))?.jobId).toBe(job.jobId);
});

test("it runs its dates in sequence and writes what each model did; the database refuses what does not add up", async () => {
  await work();
  const { job } = await start({ from: "2025-01-16", to: "2025-01-17", models: "cash" });
  const done = await ended(job.jobId);
  expect(done).toMatchObject({ status: "completed", error: null, counts: { completed: 4, failed: 0 } });
  expect(done.startedAt).not.toBeNull();
  expect(done.totalDurationSeconds).toBeGreaterThan(0);
  const days = await listSimulatedDays(database.ctx, { jobId: job.jobId, model: "buy-and-hold" });
  expect(days.map(({ date }) => date)).toEqual(["2025-01-16", "2025-01-17"]);
  expect(days[0]).toMatchObject({ startingCash: "10000.000000", startingValue: "10000.000000", endingValue: "10000.000000", dailyProfit: "0.000000", daysSinceLast: null });
  expect(days[0]?.positions.every(({ actionType }) => actionType === "buy")).toBe(true);
  // The second day is worth what was held, at its own open prices.
  const open = (date: string, symbol: string) => prices.find((price) => price.date === date && price.symbol === symbol)?.open ?? 0;
  const held = (days[0]?.holdings ?? []).reduce((sum, { symbol, quantity }) => sum + quantity * open("2025-01-17", symbol), 0);
  expect(Number(days[1]?.startingValue)).toBeCloseTo(Number(days[0]?.endingCash) + held, 6);
  expect(Number(days[1]?.dailyProfit)).toBeCloseTo(Number(days[1]?.startingValue) - 10_000, 6);
  // The same as files: money as numbers, Parquet and JSON lines of one mind.
  for (const what of ["days", "trades"]) {
    const read = async (format: string) => backtestExportResponse(database.ctx, job.jobId, new URLSearchParams({ what, format }));
    const rows = (await (await read("ndjson")).text()).trim().split("\n").map((line) => JSON.parse(line));
    const stored = await parquetReadObjects({ file: await (await read("parquet")).arrayBuffer() });
    expect(JSON.parse(JSON.stringify(stored))).toEqual(rows);
    expect((await (await read("csv")).text()).trim().split("\r\n")).toHaveLength(rows.length + 1);
    if (what === "days") expect(rows.find(({ model, date }) => model === "buy-and-hold" && date === "2025-01-16")).toMatchObject({ startingCash: 10_000, endingValue: 10_000, trades: 3 });
  }
  const talk = (await listTalks(database.ctx, days.map(({ id }) => id))).get(days[0]?.id ?? 0);
  expect(talk?.said.some(({ role, content }) => role === "assistant" && content.includes("I spread my cash"))).toBe(true);
  expect(talk?.tools.find(({ toolName }) => toolName === "buy")).toMatchObject({ calls: 3, refused: 0 });
  // Units of a later date began after those of the earlier had ended.
  const units = await database.db.runUnit.findMany({ where: { runId: done.runId ?? 0, kind: "work" }, orderBy: { seq: "asc" } });
  const lastOfFirst = Math.max(...units.filter(({ wave }) => wave === 1).map(({ completedAt }) => completedAt?.getTime() ?? Number.POSITIVE_INFINITY));
  expect(units.filter(({ wave }) => wave === 2).every(({ startedAt }) => (startedAt?.getTime() ?? 0) >= lastOfFirst)).toBe(true);

  const forged = database.db.$executeRaw`
    insert into backtest_days (job_id, model, date, starting_cash, starting_value, bought, sold, ending_cash, ending_value, daily_profit, daily_return_percent, steps, summary, duration_ms)
    values (${job.jobId}::uuid, 'forger', '2025-01-16', 10000, 10000, 0, 0, 10000, 10000, 0, 0, 1, '', 1)`;
  await forged;
  await expect(database.db.$transaction([
    database.db.$executeRaw`insert into backtest_days (job_id, model, date, starting_cash, starting_value, bought, sold, ending_cash, ending_value, daily_profit, daily_return_percent, steps, summary, duration_ms)
      values (${job.jobId}::uuid, 'forger', '2025-01-17', 10000, 12000, 0, 0, 10000, 12000, 0, 0, 1, '', 1)`,
    database.db.$executeRaw`insert into backtest_holdings (day_id, symbol, quantity, price) select id, 'AAA', 20, 100 from backtest_days where model = 'forger' and date = '2025-01-17'`,
  ])).rejects.toThrow(/from nowhere/);
  await database.db.$executeRaw`delete from backtest_days where model = 'forger'`;
});

test("a portfolio goes on across jobs; weekend and holiday are no gaps, a day without every price is skipped with the reason", async () => {
  const { job } = await start({ from: "2025-01-16", to: "2025-01-24", models: "cash,buy-and-hold" });
  const done = await ended(job.jobId);
  expect(done).toMatchObject({ status: "completed", counts: { completed: 6, skipped: 6 } });
  expect(done.dates).toEqual(["2025-01-16", "2025-01-17", "2025-01-21", "2025-01-22", "2025-01-23", "2025-01-24"]);
  expect(done.warnings).toEqual([
    "Taken as holidays, since nothing has a price there: 2025-01-20",
    "Skipped 1 date due to incomplete price data: 2025-01-23",
    "Skipped 4 model-days already completed",
  ]);
  const details = await listModelDays(database.ctx, job.jobId);
  expect(details.find(({ date, model }) => date === "2025-01-23" && model === "cash")).toMatchObject({ status: "skipped", error: "Incomplete price data: no price of BBB" });
  expect(details.find(({ date, model }) => date === "2025-01-16" && model === "cash")).toMatchObject({ status: "skipped", error: "Already completed" });
  const [first] = await listSimulatedDays(database.ctx, { jobId: job.jobId, model: "buy-and-hold" });
  const [before] = await listSimulatedDays(database.ctx, { model: "buy-and-hold", to: "2025-01-17", from: "2025-01-17" });
  expect(first).toMatchObject({ date: "2025-01-21", startingCash: before?.endingCash, daysSinceLast: 4 });
});

test("resume goes on from where each model stands; when all stand at the end there is nothing to do", async () => {
  const { job } = await start({ to: "2025-01-27", models: "cash,buy-and-hold" });
  expect((await ended(job.jobId)).dates).toEqual(["2025-01-27"]);
  expect(await refusal(start({ to: "2025-01-27", models: "cash,buy-and-hold" }))).toMatchObject({ code: "INVALID", details: { current: true, lastDate: "2025-01-27" } });
  // A model that is behind sets the range; those ahead skip what they have done.
  const { job: mixed } = await start({ from: "2025-01-27", to: "2025-01-28", models: "cash,equal-weight" });
  expect((await ended(mixed.jobId)).counts).toMatchObject({ completed: 3, skipped: 1 });
  expect(await refusal(start({ from: "2025-01-21", to: "2025-01-22", models: "cash" }))).toMatchObject({ message: "All requested simulations are already completed. Skipped 2 model-days." });
});

test("a day before what a model has completed since is left alone, unless replace_existing supersedes what came after", async () => {
  expect((await refusal(start({ from: "2025-01-15", to: "2025-01-15", models: "cash" }))).message).toMatch(/cash has gone on to 2025-01-28 already/);
  const counted = () => listSimulatedDays(database.ctx, { model: "cash" });
  const before = await counted();
  const { job } = await start({ from: "2025-01-21", to: "2025-01-22", models: "cash", replaceExisting: true });
  const done = await ended(job.jobId);
  expect(done).toMatchObject({ status: "completed", counts: { completed: 2 } });
  expect(done.warnings.some((warning) => warning.startsWith("Replaces 5 model-days"))).toBe(true);
  const after = await counted();
  // Each date counts once; what stood on the replaced days counts no more, and is still there.
  expect(after.map(({ date }) => date)).toEqual(["2025-01-16", "2025-01-17", "2025-01-21", "2025-01-22"]);
  expect(await database.db.backtestDay.count({ where: { model: "cash" } })).toBe(before.length + 2);
  expect(await database.db.backtestDay.count({ where: { model: "cash", supersededBy: job.jobId } })).toBe(5);
});

test("a model-day that fails fails alone, with its reason; a retry of what failed is a job of its own", async () => {
  const { runId } = await triggerRun(database.ctx, { pipeline: "backtest", stage: "simulate", params: { from: "2025-01-30", to: "2025-02-03", models: "momentum-5,low-volatility" } });
  // A price taken away after the job was made: the worker cannot see the day any more.
  const job = await waitFor("the job", async () => (await database.db.backtestJob.findUnique({ where: { runId } }))?.jobId, 20_000);
  await ended(job);
  const { job: broken } = await start({ from: "2025-02-04", to: "2025-02-05", models: "momentum-5,low-volatility" }).then(async (made) => {
    await database.db.$executeRaw`update backtest_jobs set symbols = array_append(symbols, 'GONE') where job_id = ${made.job.jobId}::uuid`;
    return made;
  });
  const done = await ended(broken.jobId);
  expect(["failed", "partial"]).toContain(done.status);
  const failed = (await listModelDays(database.ctx, broken.jobId)).filter(({ status }) => status === "failed");
  expect(failed.length).toBe(done.counts.failed);
  expect(failed.every(({ error }) => error?.startsWith("Incomplete price data: no price of GONE"))).toBe(true);
  await database.db.$executeRaw`update backtest_jobs set symbols = array_remove(symbols, 'GONE') where job_id = ${broken.jobId}::uuid`;
  const retried = await retryRun(database.ctx, { runId: done.runId ?? 0, onlyFailed: true });
  const again = await waitFor("the retry's job", async () => (await listJobs(database.ctx)).rows.find(({ runId: one }) => one === retried.runId), 20_000);
  expect(await ended(again.jobId)).toMatchObject({ status: "completed", counts: { completed: failed.length } });
}, 60_000);

test("a cancelled job keeps its results, and the same range may be asked for again", async () => {
  await worker?.stop();
  worker = null;
  const { job } = await start({ from: "2025-02-06", to: "2025-02-07", models: "random" });
  expect(await cancelJob(database.ctx, { jobId: job.jobId })).toMatchObject({ ok: true });
  expect(await getJob(database.ctx, job.jobId)).toMatchObject({ status: "cancelled" });
  const second = await start({ from: "2025-02-06", to: "2025-02-07", models: "random" });
  expect(second.created).toBe(true);
  await work();
  expect((await ended(second.job.jobId)).status).toBe("completed");
});

test("old finished jobs are deleted with all that belongs to them, but not one that a portfolio stands on", async () => {
  await database.db.$executeRaw`update backtest_jobs set created_at = created_at - interval '40 days'`;
  const standing = new Set((await database.db.$queryRaw<{ job_id: string }[]>`select distinct on (model) job_id::text from backtest_days where superseded_at is null order by model, date desc`).map(({ job_id: id }) => id));
  const jobs = await database.db.backtestJob.count();
  expect(await cleanUpJobs(database.db)).toBe(jobs - standing.size);
  expect(await database.db.backtestJob.count()).toBe(standing.size);
  expect(await database.db.backtestModelDay.count({ where: { job: { is: { jobId: { notIn: [...standing] } } } } })).toBe(0);
});

test("without any prices nothing begins; a price of zero is never taken in, and its date is skipped while the others go on", async () => {
  const bare = await cloneDatabase();
  const params = { from: "2025-01-15", to: "2025-01-17", models: "cash,buy-and-hold" };
  try {
    expect(await refusal(startJob(bare.ctx, { params }))).toMatchObject({ code: "INVALID", message: "There are no daily prices to simulate with. Import some first: ./penstock import prices <file.csv>" });
    const line = (date: string, symbol: string, price: number) => `${date},${symbol},${price},${price},${price},${price},10`;
    const file = ["date,symbol,open,high,low,close,volume", ...["2025-01-15", "2025-01-16", "2025-01-17"].flatMap((date) => [line(date, "AAA", 10), line(date, "BBB", date === "2025-01-16" ? 0 : 20)])].join("\n");
    expect(await importPrices(bare.ctx, Readable.from([Buffer.from(file)]), { name: "prices.csv", timeframe: "D1" })).toMatchObject({ bars: 5, problems: 1, problemSamples: [{ line: 5, reason: "open is 0, not above zero" }] });
    await expect(storePrices(bare.db, [{ symbol: "BBB", date: "2025-01-16", open: 0, close: 20 }])).rejects.toThrow(/candles_check/);
    const { job } = await startJob(bare.ctx, { params });
    const single = await startWorker({ url: bare.url, concurrency: 2, onFatal: (error) => fatal.push(error) });
    const done = await waitFor("the job to end", async () => {
      const now = await getJob(bare.ctx, job.jobId);
      return !isOpenJob(now.status) && now;
    }, 30_000).finally(() => single.stop());
    expect(done).toMatchObject({ status: "completed", counts: { completed: 4, skipped: 2, failed: 0 }, warnings: ["Skipped 1 date due to incomplete price data: 2025-01-16"] });
    expect((await listModelDays(bare.ctx, job.jobId)).filter(({ status }) => status === "skipped").map(({ date, error }) => `${date} ${error}`)).toEqual(Array(2).fill("2025-01-16 Incomplete price data: no price of BBB"));
  } finally {
    await bare.drop();
  }
}, 60_000);
