/** A worker process from its row's point of view: what it says it can do, draining, stopping, probes, the night. */
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { triggerRun } from "#lib/engine/trigger";
import { PIPELINES } from "#lib/pipelines/registry";
import { getRun } from "#lib/runs/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { lab } from "#lib/testing/lab";
import { parseMetrics } from "#lib/testing/metrics";
import { waitFor } from "#lib/testing/wait";
import { drainWorker } from "#lib/workers/mutations";
import { listRecentWorkers } from "#lib/workers/queries";
import { type RunningWorker, startWorker } from "./main.ts";
import { pruneNightly } from "./nightly.ts";
import { serveProbe } from "./probe.ts";

let database: TestDatabase;
const running = new Set<RunningWorker>();
beforeAll(async () => {
  PIPELINES.push(lab);
  database = await cloneDatabase();
});
afterAll(async () => {
  for (const worker of running) await worker.stop();
  await database.drop();
});

async function start(concurrency = 2): Promise<RunningWorker> {
  const worker = await startWorker({ url: database.url, concurrency, onFatal: (error) => { throw error; } });
  const { stop } = worker;
  worker.stop = () => {
    running.delete(worker);
    return stop();
  };
  running.add(worker);
  return worker;
}
const unitsOf = (runId: number) => database.db.runUnit.findMany({ where: { runId }, orderBy: { seq: "asc" } });
const rowOf = async (id: number) => (await listRecentWorkers(database.ctx)).find((row) => row.id === id);

test("a drained worker finishes what it holds, takes nothing new, and stops; others go on", async () => {
  const worker = await start(2);
  expect((await rowOf(worker.id))?.stages).toEqual(expect.arrayContaining(["mail/content", "lab/first"]));
  const { runId } = await triggerRun(database.ctx, { pipeline: "lab", stage: "first", params: { units: 4, items: 30, sleepMs: 100 } });
  await waitFor("two units to be held", async () => (await unitsOf(runId)).filter(({ kind, status }) => kind === "work" && status === "running").length === 2);
  expect(await drainWorker(database.ctx, { workerId: worker.id })).toEqual({ ok: true, workerId: worker.id, holds: 2 });
  expect(await drainWorker(database.ctx, { workerId: worker.id })).toMatchObject({ ok: true });
  expect(await worker.drained).toBe("test");
  expect(worker.state()).toBe("draining");

  const after = (await unitsOf(runId)).filter(({ kind }) => kind === "work");
  expect(after.map(({ status }) => status).toSorted()).toEqual(["completed", "completed", "pending", "pending"]);
  expect((await getRun(database.ctx, runId)).waiting).toMatchObject({ reason: "drained" });
  const { runId: queued } = await triggerRun(database.ctx, { pipeline: "lab", stage: "second", params: {} });
  expect((await getRun(database.ctx, queued)).waiting?.text).toContain("being drained");
  await worker.stop();
  expect(await rowOf(worker.id)).toMatchObject({ stopReason: "It was drained by test", alive: false });
  expect(await drainWorker(database.ctx, { workerId: worker.id })).toMatchObject({ ok: false, reason: "already_stopped" });

  const other = await start();
  await waitFor("the run to end", async () => (await getRun(database.ctx, runId)).completedAt !== null);
  expect((await unitsOf(runId)).every(({ attempt, crashes, status }) => attempt === 1 && crashes === 0 && status === "completed")).toBe(true);
  await other.stop();
}, 60_000);

test("a run that no living worker can do waits, and says so, instead of failing at one that does not know it", async () => {
  PIPELINES.splice(PIPELINES.indexOf(lab), 1);
  const worker = await start();
  PIPELINES.push(lab);
  const { runId } = await triggerRun(database.ctx, { pipeline: "lab", stage: "third", params: { units: 1, items: 1 } });
  const { waiting } = await waitFor("the reason", async () => getRun(database.ctx, runId));
  expect(waiting?.text).toBe("Waiting for a worker that can run lab/third: none of the 1 alive knows it. Start one of the version that does.");
  const { runId: known } = await triggerRun(database.ctx, { pipeline: "mail", stage: "metadata", params: {} });
  await waitFor("what it does know", async () => (await getRun(database.ctx, known)).completedAt !== null);
  expect((await getRun(database.ctx, runId)).status).toBe("pending");
  const able = await start();
  await waitFor("the able one to do it", async () => (await getRun(database.ctx, runId)).status === "completed");
  await Promise.all([worker.stop(), able.stop()]);
}, 60_000);

test("told to stop while a unit does not listen: it is handed back within 25 s, and that is no crash", async () => {
  const worker = await start();
  const { runId } = await triggerRun(database.ctx, { pipeline: "lab", stage: "deaf", params: { sleepMs: 100_000 } });
  await waitFor("it to be held", async () => (await unitsOf(runId)).some(({ kind, status }) => kind === "work" && status === "running"));
  const startedAt = Date.now();
  await worker.stop();
  expect(Date.now() - startedAt).toBeLessThan(25_000);
  const work = (await unitsOf(runId)).find(({ kind }) => kind === "work");
  expect(work).toMatchObject({ status: "pending", crashes: 0, workerId: null });
  const { cancelRun } = await import("#lib/engine/cancel");
  await cancelRun(database.ctx, { runId });
}, 60_000);

test("its probe says that it is alive, ready until it drains, and what it has done", async () => {
  const worker = await start();
  const probe = await serveProbe({ host: "127.0.0.1", port: 0, openDb: () => database.db, state: worker.state });
  const { runId } = await triggerRun(database.ctx, { pipeline: "lab", stage: "waves", params: {} });
  await waitFor("the run to end", async () => (await getRun(database.ctx, runId)).completedAt !== null);
  expect(await (await fetch(`${probe.url}/healthz`)).json()).toMatchObject({ status: "alive" });
  expect((await fetch(`${probe.url}/readyz`)).status).toBe(200);
  expect((await fetch(`${probe.url}/runs`)).status).toBe(404);
  expect((await fetch(`${probe.url}/metrics`, { method: "POST" })).status).toBe(404);
  const metrics = parseMetrics(await (await fetch(`${probe.url}/metrics`)).text());
  expect(metrics.value("app_step_duration_seconds_count", { pipeline: "lab", stage: "waves" })).toBe(6);
  expect(metrics.value("app_run_duration_seconds_count", { pipeline: "lab" })).toBeGreaterThanOrEqual(1);
  expect(metrics.value("app_queue_wait_seconds_count", { stage: "lab/waves" })).toBe(8);
  await drainWorker(database.ctx, { workerId: worker.id });
  await worker.drained;
  const readiness = await fetch(`${probe.url}/readyz`);
  expect(readiness.status).toBe(503);
  expect(await readiness.json()).toMatchObject({ status: "not ready", reasons: ["The worker is draining: it takes nothing new."] });
  await worker.stop();
  await probe.close();
  await expect(fetch(`${probe.url}/healthz`)).rejects.toThrow();
}, 60_000);

test("at night one of the workers prunes, once", async () => {
  await database.db.$executeRaw`
    insert into runs (pipeline, stage, status, created_at, started_at, completed_at, duration_ms)
    select 'mail', 'content', 'completed', t, t, t, 5 from generate_series(1, 20) n cross join lateral (select now() - interval '91 days' as t) x`;
  const sessions = [new pg.Client({ connectionString: database.url }), new pg.Client({ connectionString: database.url })];
  await Promise.all(sessions.map((session) => session.connect()));
  const night = new Date();
  night.setHours(3, 0, 0, 0);
  const nightly = { findKeep: async () => ({ runDays: 90, payloadDays: 30, auditDays: 365 }), startedAt: new Date(night.getTime() - 25 * 3_600_000), prunedAt: null };
  const go = (now: Date) => Promise.all(sessions.map((session) => pruneNightly(database.ctx, session, nightly, new AbortController().signal, now)));
  const noon = new Date(night);
  noon.setHours(12);
  expect(await go(new Date(noon.getTime() - 48 * 3_600_000))).toEqual([false, false]);
  expect((await go(night)).filter(Boolean).length).toBeGreaterThanOrEqual(1);
  const [left] = await database.db.$queryRaw<{ n: number }[]>`select count(*)::int as n from runs where completed_at < now() - interval '90 days'`;
  expect(left?.n).toBe(0);
  const told = await database.db.runEvent.findMany({ where: { type: "retention.pruned" } });
  expect(told.map(({ actor, data }) => [actor, (data as { runs: number }).runs])).toEqual([["retention", 20]]);
  expect(await go(night)).toEqual([false, false]);
  const chain = await database.db.auditChain.findFirstOrThrow();
  expect(chain, "the audit log is checked in the same night").toMatchObject({ checkedBy: "retention", checkedAt: expect.any(Date), fault: null });
  await Promise.all(sessions.map((session) => session.end()));
});

