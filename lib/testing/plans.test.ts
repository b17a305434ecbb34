/** No page or list reads a whole table, however it is filtered and sorted. */
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { getBaseline } from "#lib/baseline/queries";
import type { Ctx } from "#lib/ctx";
import { repairQueues } from "#lib/engine/repair";
import { progressOf } from "#lib/engine/settle";
import { findErrorGroupOf } from "#lib/error-groups/queries";
import { getFacets, listStageNames } from "#lib/facets/queries";
import { readDatabaseSamples } from "#lib/metrics/queries";
import { findLastPrune } from "#lib/retention/queries";
import { nextBatch } from "#lib/retention/sql/due";
import { CALL_SORTS } from "#lib/llm-calls/fields";
import { readCallsFilter } from "#lib/llm-calls/filter";
import { findSpentBudget, getCall, getCallFacets, listCalls, listRunCalls, listStepCalls, sumRunCalls } from "#lib/llm-calls/queries";
import { getUsage, listPrompts, UsageRequest } from "#lib/llm-usage/queries";
import { RUN_SORTS } from "#lib/runs/fields";
import { readRunsFilter } from "#lib/runs/filter";
import { findFirstRun, getRun, listRuns } from "#lib/runs/queries";
import { listSchedules, listSlots } from "#lib/schedules/queries";
import { listFailingStages } from "#lib/stages/queries";
import { countByStatus } from "#lib/stats/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { explaining, nodesOf } from "#lib/testing/plans";
import { getTrace, listRunLogs, listSteps, listUnits, summarizeLogs } from "#lib/trace/queries";
import { listWaits } from "#lib/waits/queries";
import { generate } from "../../bench/generate.ts";

const RUNS = 60_000;
const LARGE = ["runs", "run_steps", "run_units", "run_annotations", "run_subjects", "run_events", "run_logs", "llm_calls", "error_occurrences", "schedule_slots"];
let database: TestDatabase;
let failed: number;
let waiting: number[] = [];
let large = 0;
beforeAll(async () => {
  database = await cloneDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  await generate(pool, { runs: RUNS, stepsPerRun: 2 });
  const { rows: [run] } = await pool.query<{ id: string }>("select id from runs where status = 'failed' order by id desc limit 1");
  failed = Number(run?.id);
  await pool.query("update runs set group_id = id - id % 7 where id % 5 = 0");
  await pool.query("insert into schedules (id, name, pipeline, stage, cron, zone, paused, created_by, updated_by) select n, 'schedule ' || n, 'mail', 'content', '@daily', 'UTC', true, 't', 't' from generate_series(1, 20) n");
  await pool.query("insert into schedule_slots (schedule_id, slot, outcome, run_id) select id % 20 + 1, created_at, 'started', id from runs where id % 5 = 0 limit 5000 on conflict do nothing");
  ({ rows: waiting } = await pool.query({ rowMode: "array", text: "insert into runs (pipeline, stage, exclusive_key, in_line) select 'mail', 'content', 'line', n > 1 from generate_series(1, 50) n returning id::int" }).then(({ rows }) => ({ rows: rows.map(([id]) => id) })));
  const { rows: [made] } = await pool.query<{ id: number }>("insert into runs (pipeline, stage, status, started_at, wave, queued_to, units_total, units_done) values ('mail', 'content', 'running', now(), 1, 20000, 20000, 19990) returning id::int");
  large = made?.id ?? 0;
  await pool.query("insert into run_units (run_id, seq, wave, name, status) select $1, n, 1, n, (case when n <= 19990 then 'completed' else 'pending' end)::unit_status from generate_series(1, 20000) n", [large]);
  await pool.query("select rebuild_llm_usage()");
  await pool.query("analyze runs, run_units, schedules, schedule_slots, llm_calls");
  await pool.end();
}, 120_000);
afterAll(() => database.drop());

const read = (query: string) => readRunsFilter(new URLSearchParams(query)).filter;
const LISTS = [
  "", "limit=500", "status=failed", "status=failed&status=partial", "stage=content", "stage=content&created=30d", "created=7d", "started=7d", "id=17&id=99", "q=%2317", "creator=me", "creator=user%203",
  "status=failed&stage=entities&created=7d", "subject.symbol=EURUSD", "annotation.team=red", "handled=false&status=failed", "pipeline=mail&not.status=completed",
  ...RUN_SORTS.flatMap((sort) => [`sort=${sort}`, `sort=-${sort}`, `sort=-${sort}&status=failed`]),
];
const readCalls = (query: string) => readCallsFilter(new URLSearchParams(query)).filter;
const CALLS = [
  "", "limit=500", "status=error", "stage=classify", "stage=classify&status=error", "subject=subject17", "subject=~subject99", "run=17", "q=subject123", "q=%2317", "created=7d", "role=analyst&created=7d", "cost=0.019..", "cost=0.001..0.002&created=7d", "tokens=1000..",
  ...CALL_SORTS.flatMap((sort) => [`sort=${sort}`, `sort=-${sort}`, `sort=-${sort}&status=error`]),
];
const HOT: [string, (ctx: Ctx) => Promise<unknown>][] = [
  ...LISTS.map((query): (typeof HOT)[number] => [`list ${query}`, async (ctx) => {
    const { nextCursor } = await listRuns(ctx, read(query), "user 3");
    if (nextCursor) await listRuns(ctx, { ...read(query), cursor: nextCursor }, "user 3");
  }]),
  ...CALLS.map((query): (typeof HOT)[number] => [`calls ${query}`, async (ctx) => {
    const { nextCursor } = await listCalls(ctx, readCalls(query));
    if (nextCursor) await listCalls(ctx, { ...readCalls(query), cursor: nextCursor });
  }]),
  ["one call, those of a run and of a step", async (ctx) => {
    const [call] = (await listCalls(database.ctx, readCalls(""))).rows;
    await Promise.all([getCall(ctx, call?.id ?? 0), listRunCalls(ctx, call?.runId ?? 0), sumRunCalls(ctx, call?.runId ?? 0), listStepCalls(ctx, failed, 2)]);
  }],
  ["facets of calls", (ctx) => getCallFacets(ctx, { tree: readCalls("created=1h").tree, field: "model" })],
  ["usage, the prompt library and what a budget has left", (ctx) => Promise.all([getUsage(ctx, UsageRequest.parse({ days: 90 })), getUsage(ctx, UsageRequest.parse({ days: 7, granularity: "hourly", by: "stage" })), listPrompts(ctx), findSpentBudget(ctx, { runId: failed, pipeline: "mail", stage: "classify", provider: "p", model: "gpt-4o", perRunUsd: 1, perDayUsd: 1 })])],
  ["one run", (ctx) => getRun(ctx, failed)],
  ["its trace", (ctx) => getTrace(ctx, failed)],
  ["its steps, units, lines, warnings", (ctx) => Promise.all([listSteps(ctx, failed), listSteps(ctx, failed, { status: "error" }), listUnits(ctx, failed), listRunLogs(ctx, failed), summarizeLogs(ctx, failed)])],
  ["what is usual of its stage", async (ctx) => getBaseline(ctx, await getRun(database.ctx, failed))],
  ["its error groups", (ctx) => findErrorGroupOf(ctx, failed)],
  ["schedules and their slots", (ctx) => Promise.all([listSchedules(ctx), listSlots(ctx, 7)])],
  ["the first run", findFirstRun],
  ["the stages there are", listStageNames],
  ["what fails now", (ctx) => listFailingStages(ctx, null)],
  ["counts by status", (ctx) => countByStatus(ctx, null)],
  ["what monitoring asks", readDatabaseSamples],
  ["what retention takes next", async (ctx) => {
    for (const pass of ["delete", "strip"] as const) await ctx.db.$queryRaw(nextBatch(pass, new Date(Date.now() - 40 * 86_400_000), null));
  }],
  ["the last prune", findLastPrune],
  ["why fifty runs wait", async (ctx) => listWaits(ctx, waiting)],
  ["the queues, looked after by a sweeper", repairQueues],
  ["what is due of a run of 20,000 units, near its end", (ctx) => ctx.db.$queryRaw(progressOf(large))],
  ["facets of status and creator", async (ctx) => [await getFacets(ctx, { tree: null, key: "system/pipeline_run.status" }), await getFacets(ctx, { tree: null, key: "system/pipeline_run.created_by" })]],
];

it.each(HOT)("%s: by index", async (_, ask) => {
  const { ctx, plans } = explaining(database);
  await ask(ctx);
  expect(plans.length).toBeGreaterThan(0);
  const whole = plans.flatMap(nodesOf).filter((node) => node["Node Type"].includes("Seq Scan") && LARGE.includes(node["Relation Name"] ?? "") && node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0) > 1_000);
  expect(whole.map((node) => `${node["Node Type"]} on ${node["Relation Name"]}, ${node["Actual Rows"]} rows`)).toEqual([]);
});

it.each(CALL_SORTS.flatMap((sort) => [`sort=${sort}&status=error`, `sort=-${sort}&status=error`]))("calls %s: one page is read, not all that failed", async (query) => {
  const { ctx, plans } = explaining(database);
  const { rows } = await listCalls(ctx, readCalls(query));
  expect(rows).toHaveLength(50);
  const read = plans.flatMap(nodesOf).filter((node) => node["Relation Name"] === "llm_calls").reduce((sum, node) => sum + node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0), 0);
  expect(read).toBe(51);
});
