/** The scrape on the real database, read back by a parser of its own. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { openDb } from "#lib/db/client";
import { prune } from "#lib/retention/mutations";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { parseMetrics } from "#lib/testing/metrics";
import { METRIC_NAMES } from "./fields.ts";
import { readDatabaseSamples, scrapeWeb, scrapeWorker } from "./queries.ts";
import { countMetric, timeMetric } from "./recorder.ts";
import { printMetrics } from "./rules.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await cloneDatabase();
});
afterAll(() => database.drop());

const seed = (status: string, runs: number, daysAgo: number) => database.db.$executeRaw`
  insert into runs (pipeline, stage, status, created_at, started_at, completed_at, duration_ms, units_total)
  select 'mail', 'content', ${status}::run_status, t, t, case when ${status} in ('pending', 'running') then null else t end, 5, 3
    from generate_series(1, ${runs}::int) n cross join lateral (select now() - make_interval(days => ${daysAgo}::int) as t) x`;
const read = async () => parseMetrics(printMetrics(await readDatabaseSamples(database.ctx)));

it("counts runs, the queue and workers as they are, and retention takes nothing from a counter", async () => {
  await seed("completed", 7, 200);
  await seed("failed", 2, 1);
  await seed("pending", 4, 0);
  await seed("running", 2, 0);
  await database.db.$executeRaw`insert into workers (host, pid, version, concurrency, heartbeat_at, drain_requested_at) values ('a', 1, '1', 4, now(), null), ('b', 2, '1', 4, now(), now()), ('c', 3, '1', 4, now() - interval '1 hour', null)`;
  const worker = await database.db.worker.findFirstOrThrow({ where: { host: "a" } });
  const running = await database.db.run.findFirstOrThrow({ where: { status: "running" } });
  await database.db.runUnit.create({ data: { runId: running.id, seq: 1, name: "held", status: "running", workerId: worker.id, attempt: 1 } });

  const before = await read();
  expect(before.value("app_runs_total", { pipeline: "mail", status: "completed" })).toBe(7);
  expect(before.value("app_runs_total", { pipeline: "mail", status: "failed" })).toBe(2);
  expect(before.value("app_queue_depth", { stage: "mail/content", state: "waiting" })).toBe(4 + 2 + 3);
  expect(before.value("app_queue_depth", { stage: "mail/content", state: "running" })).toBe(1);
  expect(before.value("app_queue_oldest_timestamp_seconds", { stage: "mail/content" })).toBeGreaterThan(Date.now() / 1_000 - 600);
  for (const state of ["alive", "draining", "silent"]) expect(before.value("app_workers", { state })).toBe(1);
  expect(before.series.filter(({ name }) => name === "app_worker_heartbeat_timestamp_seconds")).toHaveLength(3);

  expect((await prune(database.ctx, { cutoffs: { runs: new Date(Date.now() - 100 * 86_400_000), payloads: null } })).runs).toBe(7);
  expect((await read()).value("app_runs_total", { pipeline: "mail", status: "completed" })).toBe(7);
});

it("answers what the process has seen also when the database is away, and says so", async () => {
  const away = openDb("postgres://nobody:secret@127.0.0.1:1/none");
  const metrics = parseMetrics(await scrapeWeb(() => ({ db: away, actor: { kind: "worker", name: "test" } })));
  expect(metrics.value("app_database_up")).toBe(0);
  expect(metrics.value("app_runs_total", { pipeline: "mail", status: "failed" })).toBeUndefined();
  expect(metrics.value("process_resident_memory_bytes")).toBeGreaterThan(1e7);
  await away.$disconnect();
  // Kept for some seconds: what failed is not asked again by each scraper.
  const soon = parseMetrics(await scrapeWeb(() => ({ db: database.db, actor: { kind: "worker", name: "test" } })));
  expect(soon.value("app_database_up")).toBe(0);
});

it("prints labels that hold anything, adds buckets up, and keeps the series of a metric bounded", () => {
  countMetric("app_llm_tokens_total", { model: 'a "quoted" \\ model\nof two lines', type: "input" }, 12);
  for (const seconds of [0.004, 0.2, 0.2, 99]) timeMetric("app_http_request_duration_seconds", { route: "/runs", method: "GET", code: "200" }, seconds);
  for (let n = 0; n < 2_000; n += 1) timeMetric("app_http_request_duration_seconds", { route: `/${n}`, method: "GET", code: "200" }, 0.01);
  const metrics = parseMetrics(scrapeWorker());
  expect(metrics.value("app_llm_tokens_total", { model: 'a "quoted" \\ model\nof two lines', type: "input" })).toBe(12);
  const runs = { route: "/runs", method: "GET", code: "200" };
  const bucket = (le: string) => metrics.value("app_http_request_duration_seconds_bucket", { ...runs, le });
  expect([bucket("0.005"), bucket("0.1"), bucket("0.25"), bucket("10"), bucket("+Inf")]).toEqual([1, 1, 3, 3, 4]);
  expect(metrics.value("app_http_request_duration_seconds_count", runs)).toBe(4);
  expect(metrics.value("app_http_request_duration_seconds_sum", runs)).toBeCloseTo(99.404);
  const counts = metrics.series.filter(({ name }) => name === "app_http_request_duration_seconds_count");
  expect(counts.length).toBeLessThanOrEqual(501);
  expect(counts.reduce((sum, { value }) => sum + value, 0)).toBe(2_004);
});

it("knows every metric by the prefix of its kind", () => {
  for (const name of METRIC_NAMES) expect(name).toMatch(/^(app|process|nodejs)_[a-z0-9_]+$/);
});
