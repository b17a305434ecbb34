/** Retention on the real database: what goes, what stays, and that statistics and readers are none the wiser. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { PruneCounts } from "./fields.ts";
import { listActivity } from "#lib/activity/queries";
import { findEnd, findPosition } from "#lib/live/events";
import { ROOT } from "#lib/root";
import { countByStatus, getRunStats } from "#lib/stats/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { waitFor } from "#lib/testing/wait";
import { getStepIo } from "#lib/trace/queries";
import { pinRun, prune } from "./mutations.ts";
import { findLastPrune, planPrune } from "./queries.ts";
import { cutoffsOf } from "./rules.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await cloneDatabase();
});
afterAll(() => database.drop());

type Seed = { runs: number; daysAgo: number; steps?: number; status?: string; pipeline?: string };

/** Ended (or not) runs with steps, a unit, a call, log lines, an annotation and two events each; returns their ids. */
async function seed({ runs, daysAgo, steps = 5, status = "completed", pipeline = "mail" }: Seed): Promise<number[]> {
  const { db } = database;
  const made = await db.$queryRaw<{ id: bigint }[]>`
    insert into runs (pipeline, stage, status, triggered_by, created_by, items_processed, last_step_seq, units_total, units_done, created_at, started_at, completed_at, duration_ms)
    select ${pipeline}, 'content', ${status}::run_status, 'cli', 'test', n, ${steps}::int, 1, 1, t, t, case when ${status} in ('pending', 'running') then null else t + interval '1 s' end, 1000
      from generate_series(1, ${runs}::int) n cross join lateral (select now() - make_interval(days => ${daysAgo}::int) - n * interval '1 ms' as t) x
    returning id`;
  const ids = made.map(({ id }) => id);
  await db.$executeRaw`insert into run_units (run_id, seq, name, status) select r, 1, 'only', 'completed' from unnest(${ids}::bigint[]) r`;
  await db.$executeRaw`insert into run_steps (run_id, seq, unit_seq, step_name, step_key, status, input_json, output_json, completed_at)
    select r, n, 1, 'step', 'step#' || n, 'ok', '{"in":1}', '{"out":2}', now() from unnest(${ids}::bigint[]) r cross join generate_series(1, ${steps}::int) n`;
  await db.$executeRaw`insert into llm_calls (run_id, provider, model, role, status, system_prompt, prompt, response_raw, response_parsed, cost_usd)
    select r, 'local', 'm', 'x', 'ok', 'be kind', 'hello', 'hi', '{"a":1}', 0.5 from unnest(${ids}::bigint[]) r`;
  await db.$executeRaw`insert into run_logs (run_id, line) select r, 'line ' || n from unnest(${ids}::bigint[]) r cross join generate_series(1, 3) n`;
  await db.$executeRaw`insert into run_annotations (run_id, key) select r, 'team' from unnest(${ids}::bigint[]) r`;
  await db.$executeRaw`insert into run_events (run_id, type, actor) select r, t, 'test' from unnest(${ids}::bigint[]) r cross join unnest(array['run.pending', 'run.completed']) t`;
  return ids.map(Number).toSorted((a, b) => a - b);
}

const cutoffs = (runDays: number, payloadDays = 0) => cutoffsOf({ runDays, payloadDays }, new Date());
const count = async (table: "runs" | "run_steps" | "run_units" | "llm_calls" | "run_logs" | "run_events", ids: number[]): Promise<number> => {
  const [row] = await database.db.$queryRawUnsafe<{ n: number }[]>(`select count(*)::int as n from ${table} where ${table === "runs" ? "id" : "run_id"} = any($1::bigint[])`, ids);
  return row?.n ?? 0;
};
const still = async (ids: number[]): Promise<number> => count("runs", ids);

/** Rollups against the runs themselves. */
async function expectExactStatistics(): Promise<void> {
  const raw = await database.db.$queryRaw<{ status: string; n: number }[]>`select status::text, count(*)::int as n from runs group by 1`;
  const { counts, total } = await countByStatus(database.ctx, null);
  expect(counts).toEqual(Object.fromEntries(raw.map(({ status, n }) => [status, n])));
  const stats = await getRunStats(database.ctx, { by: null, tree: null });
  const [items] = await database.db.$queryRaw<{ items: number; calls: number; cost: number | null }[]>`
    select coalesce(sum(items_processed), 0)::int as items, (select count(*)::int from llm_calls where run_id is not null) as calls,
           (select sum(cost_usd)::float8 from llm_calls where run_id is not null) as cost from runs`;
  expect([stats.total, stats.itemsProcessed, stats.llmCalls, stats.llmCostUsd]).toEqual([total, items?.items, items?.calls, items?.cost]);
}

it("deletes what ended long ago with all that belongs to it, keeps unfinished and pinned runs, and statistics stay exact", async () => {
  const old = await seed({ runs: 450, daysAgo: 100 });
  const failed = await seed({ runs: 20, daysAgo: 100, status: "failed", pipeline: "trading" });
  const running = await seed({ runs: 3, daysAgo: 100, status: "running" });
  const pending = await seed({ runs: 3, daysAgo: 100, status: "pending" });
  const recent = await seed({ runs: 40, daysAgo: 10 });
  const [pinned = 0] = old;
  expect(await pinRun(database.ctx, { runId: pinned, pinned: true })).toMatchObject({ changed: true });
  expect(await pinRun(database.ctx, { runId: pinned, pinned: true })).toMatchObject({ changed: false });

  const plan = await planPrune(database.ctx, cutoffs(90));
  expect(plan.delete.groups).toEqual([{ pipeline: "mail", status: "completed", runs: 449 }, { pipeline: "trading", status: "failed", runs: 20 }]);
  expect(plan).toMatchObject({ pinnedKept: 1, strip: { runs: 0 } });
  expect(plan.delete.estimatedBytes).toBeGreaterThan(469 * 500);
  expect(await still(old)).toBe(450);

  const told: PruneCounts[] = [];
  const counts = await prune(database.ctx, { cutoffs: cutoffs(90), onProgress: (so) => told.push(so) });
  // Deleting 469 runs of about 14 rows in one transaction would be 6,500 rows.
  expect(told.length).toBeGreaterThan(6);
  expect(counts).toMatchObject({ runs: 469, steps: 469 * 5, calls: 469, logs: 469 * 3, stripped: 0 });
  expect(counts.events).toBeGreaterThanOrEqual(469 * 2);
  expect(await still([...old, ...failed])).toBe(1);
  expect(await still([pinned, ...running, ...pending, ...recent])).toBe(47);
  for (const table of ["run_steps", "run_units", "llm_calls", "run_logs", "run_events"] as const) expect(await count(table, [...old.slice(1), ...failed])).toBe(0);
  expect(await count("run_steps", [pinned])).toBe(5);
  await expectExactStatistics();
  const pruned = await database.db.prunedRuns.findMany({ orderBy: { pipeline: "asc" } });
  expect(pruned.map(({ pipeline, status, runs }) => [pipeline, status, Number(runs)])).toEqual([["mail", "completed", 449], ["trading", "failed", 20]]);

  const { rows: [event] } = await listActivity(database.ctx, { tree: null, before: null, limit: 1 });
  expect(event).toMatchObject({ type: "retention.pruned", actor: "test", run: null, data: { runs: 469 } });
  expect(await findLastPrune(database.ctx)).toEqual(event?.at);
  // A second time there is nothing to do, and nothing is said.
  expect(await prune(database.ctx, { cutoffs: cutoffs(90) })).toEqual({ runs: 0, stripped: 0, steps: 0, calls: 0, logs: 0, events: 0 });
  expect((await listActivity(database.ctx, { tree: null, before: null, limit: 1 })).rows[0]?.id).toBe(event?.id);
});

it("cut short between two batches, what is done is done, and the next one goes on", async () => {
  const old = await seed({ runs: 400, daysAgo: 200 });
  const stop = new AbortController();
  const first = await prune(database.ctx, { cutoffs: cutoffs(150), signal: stop.signal, onProgress: ({ runs }) => runs > 100 && stop.abort() });
  expect(first.runs).toBeGreaterThan(100);
  expect(first.runs).toBeLessThan(400);
  expect(await still(old)).toBe(400 - first.runs);
  await expectExactStatistics();
  const second = await prune(database.ctx, { cutoffs: cutoffs(150) });
  expect(first.runs + second.runs).toBe(400);
  expect(await still(old)).toBe(0);
  await expectExactStatistics();
});

it("a prune that is killed in the middle leaves whole runs and exact statistics, and the next one ends the work", async () => {
  const old = await seed({ runs: 1_500, daysAgo: 200 });
  const env = { ...process.env, DATABASE_URL: database.url, PENSTOCK_HOME: join(ROOT, ".tmp/prune-home") };
  const child = spawn(process.execPath, ["--conditions=react-server", "--disable-warning=ExperimentalWarning", join(ROOT, "lib/cli/main.ts"), "prune", "--older-than", "150d", "--payloads-older-than", "0", "--yes"], { cwd: ROOT, env, stdio: "ignore" });
  await waitFor("some to be gone", async () => (await still(old)) < 1_400, 30_000);
  child.kill("SIGKILL");
  await once(child, "exit");
  const left = await still(old);
  expect(left).toBeGreaterThan(0);
  const ids = (await database.db.run.findMany({ where: { id: { in: old } }, select: { id: true } })).map(({ id }) => Number(id));
  // Nothing of a run that is there is missing, and nothing is there of one that is not.
  expect(await count("run_steps", old)).toBe(ids.length * 5);
  expect(await count("llm_calls", ids)).toBe(ids.length);
  await expectExactStatistics();
  expect((await prune(database.ctx, { cutoffs: cutoffs(150) })).runs).toBe(left);
  await expectExactStatistics();
}, 60_000);

it("removes payloads earlier than runs, says when, and keeps those of pinned ones", async () => {
  const aged = await seed({ runs: 30, daysAgo: 40 });
  const [pinned = 0, stripped = 0] = aged;
  await pinRun(database.ctx, { runId: pinned, pinned: true });
  expect((await planPrune(database.ctx, cutoffs(90, 30))).strip).toMatchObject({ runs: 29 });
  const counts = await prune(database.ctx, { cutoffs: cutoffs(90, 30) });
  expect(counts).toMatchObject({ runs: 0, stripped: 29, steps: 29 * 5, calls: 29, logs: 29 * 3 });
  expect(await still(aged)).toBe(30);
  const io = await getStepIo(database.ctx, stripped, 1);
  expect(io).toMatchObject({ input: null, output: null });
  expect(io.prunedAt).toBeInstanceOf(Date);
  expect(await getStepIo(database.ctx, pinned, 1)).toMatchObject({ input: '{"in":1}', prunedAt: null });
  const [call] = await database.db.llmCall.findMany({ where: { runId: stripped } });
  expect(call).toMatchObject({ systemPrompt: null, prompt: null, responseRaw: null, responseParsed: null, model: "m" });
  expect(Number(call?.costUsd)).toBe(0.5);
  expect(await count("run_logs", aged)).toBe(3);
  await expectExactStatistics();
  expect((await prune(database.ctx, { cutoffs: cutoffs(90, 30) })).stripped).toBe(0);
});

it("a run with more steps than fit a transaction goes too, in pieces", async () => {
  const [big = 0] = await seed({ runs: 1, daysAgo: 120, steps: 3_500 });
  const [aged = 0] = await seed({ runs: 1, daysAgo: 50, steps: 2_500 });
  const counts = await prune(database.ctx, { cutoffs: cutoffs(90, 45) });
  expect(counts).toMatchObject({ runs: 1, stripped: 1, steps: 6_000 });
  expect(await still([big, aged])).toBe(1);
  expect(await count("run_steps", [aged])).toBe(2_500);
  await expectExactStatistics();
});

it("what an unfinished run still needs stays: the run it retries, and those of its group", async () => {
  const [retried = 0, upstream = 0, free = 0] = await seed({ runs: 3, daysAgo: 300 });
  const [retry = 0, waiting = 0] = await seed({ runs: 2, daysAgo: 1, status: "pending" });
  await database.db.run.update({ where: { id: retry }, data: { retryOf: retried } });
  await database.db.run.updateMany({ where: { id: { in: [upstream, waiting] } }, data: { groupId: upstream } });
  expect((await prune(database.ctx, { cutoffs: cutoffs(250) })).runs).toBe(1);
  expect(await still([retried, upstream])).toBe(2);
  expect(await still([free])).toBe(0);
});

it("a live reader whose event is gone is told to look anew, and the outbox never ends before it began", async () => {
  const old = await seed({ runs: 1, daysAgo: 120 });
  const place = await database.db.runEvent.findFirstOrThrow({ where: { runId: { in: old } } });
  const end = await findEnd(database.db);
  await prune(database.ctx, { cutoffs: cutoffs(90) });
  expect(await findPosition(database.db, place.id)).toBeNull();
  // An older transaction may be open anywhere on the server: what is told waits for it.
  await waitFor("the end to come after what was told of the prune", async () => (await findEnd(database.db)).txid > end.txid);
});

it("there is no run to pin: it says so", async () => {
  await expect(pinRun(database.ctx, { runId: 999_999_999, pinned: true })).rejects.toMatchObject({ code: "NOT_FOUND" });
});
