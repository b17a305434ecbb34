/** Workers killed at random: nothing lost, nothing counted twice, nothing left running. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PIPELINES } from "#lib/pipelines/registry";
import { ROOT } from "#lib/root";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { say, startFakeProvider } from "#lib/testing/fake-provider";
import { lab } from "#lib/testing/lab";
import { waitFor } from "#lib/testing/wait";
import { cancelRun } from "./cancel.ts";
import { triggerRun } from "./trigger.ts";

let database: TestDatabase;
const children = new Set<ChildProcess>();
beforeAll(async () => {
  PIPELINES.push(lab);
  database = await cloneDatabase();
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await database.drop();
});

async function startWorker(env: Record<string, string> = {}): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--conditions=react-server", "--disable-warning=ExperimentalWarning", join(ROOT, "lib/testing/lab-worker.ts"), database.url], { stdio: ["ignore", "pipe", "inherit"], cwd: ROOT, env: { ...process.env, ...env } });
  children.add(child);
  child.once("exit", () => children.delete(child));
  await once(child.stdout!, "data");
  return child;
}

const read = (runId: number) => database.db.run.findUniqueOrThrow({ where: { id: runId }, include: { units: { orderBy: { seq: "asc" } } } });
const ended = (runId: number) => waitFor(`run ${runId} to end`, async () => {
  const run = await read(runId);
  return run.completedAt && run;
}, 60_000);

test("ten kills in the middle of a run: every item once, and the run completed", async () => {
  // 20 units × 40 items × 8 ms on 2 slots is 3.2 s of work at the least: every kill falls into it.
  const { runId } = await triggerRun(database.ctx, { pipeline: "lab", stage: "first", params: { units: 20, items: 40, sleepMs: 8 } });
  let worker = await startWorker();
  for (let kill = 0; kill < 10; kill += 1) {
    const before = (await read(runId)).itemsProcessed;
    await waitFor("progress before the kill", async () => (await read(runId)).itemsProcessed > before + 5 || (await read(runId)).completedAt, 20_000);
    worker.kill("SIGKILL");
    worker = await startWorker();
  }
  const run = await ended(runId);
  expect(run).toMatchObject({ status: "completed", itemsProcessed: 800, itemsFailed: 0, unitsDone: 20 });
  expect(await database.db.runAnnotation.count({ where: { runId } })).toBe(800);
  expect(run.units.reduce((sum, { itemsDone }) => sum + itemsDone, 0)).toBe(800);
  expect(run.units.some(({ attempt }) => attempt > 1)).toBe(true);
  worker.kill("SIGKILL");
}, 120_000);

test("a worker that dies before its first heartbeat, and one that never comes back: the run goes on at another within 4 s", async () => {
  const first = await startWorker();
  const { runId } = await triggerRun(database.ctx, { pipeline: "lab", stage: "second", params: { units: 1, items: 100, sleepMs: 20 } });
  await waitFor("items", async () => (await read(runId)).itemsProcessed > 3);
  first.kill("SIGKILL");
  const killedAt = Date.now();
  await database.db.$executeRaw`update workers set heartbeat_at = null where stopped_at is null`;
  const second = await startWorker();
  await waitFor("the next attempt", async () => (await read(runId)).units.some(({ kind, attempt, status }) => kind === "work" && attempt === 2 && status === "running"), 10_000);
  expect(Date.now() - killedAt).toBeLessThan(4_000);
  await ended(runId);
  second.kill("SIGKILL");
}, 60_000);

test("a run cancelled while its worker is dead is cancelled all the same", async () => {
  const worker = await startWorker();
  const { runId } = await triggerRun(database.ctx, { pipeline: "lab", stage: "third", params: { units: 1, items: 100, sleepMs: 50 } });
  await waitFor("items", async () => (await read(runId)).itemsProcessed > 1);
  worker.kill("SIGKILL");
  await cancelRun(database.ctx, { runId });
  const cancelledAt = Date.now();
  const other = await startWorker();
  expect((await ended(runId)).status).toBe("cancelled");
  expect(Date.now() - cancelledAt).toBeLessThan(15_000);
  other.kill("SIGKILL");
}, 60_000);

test("a unit that kills its worker three times fails with that reason; the others go on", async () => {
  const { runId } = await triggerRun(database.ctx, { pipeline: "lab", stage: "deadly", params: {} });
  const keep = setInterval(() => void (children.size === 0 && startWorker().catch(() => {})), 100);
  const run = await ended(runId);
  clearInterval(keep);
  expect(run.status).toBe("partial");
  expect(run.units.find(({ name }) => name === "deadly")).toMatchObject({ status: "failed", attempt: 3, errorClass: "WorkerDied" });
  expect(run.units.filter(({ kind, status }) => kind === "work" && status === "completed")).toHaveLength(3);
  for (const child of children) child.kill("SIGKILL");
}, 60_000);

test("a worker that is told to stop hands its units back: no attempt burnt, no item lost", async () => {
  const worker = await startWorker();
  const { runId } = await triggerRun(database.ctx, { pipeline: "lab", stage: "first", params: { units: 2, items: 60, sleepMs: 20 } });
  await waitFor("items", async () => (await read(runId)).itemsProcessed > 3);
  worker.kill("SIGTERM");
  await once(worker, "exit");
  const between = await read(runId);
  expect(between.units.filter(({ status }) => status === "running")).toEqual([]);
  const other = await startWorker();
  const run = await ended(runId);
  expect(run).toMatchObject({ status: "completed" });
  expect(run.units.every(({ crashes }) => crashes === 0)).toBe(true);
  other.kill("SIGKILL");
}, 60_000);

test.each([["SIGKILL", "error", "WorkerDied"], ["SIGTERM", "cancelled", null]] as const)("a worker that ends by %s in the middle of a model call leaves the call as it ended, and the next asks again", async (signal, status, errorClass) => {
  const provider = await startFakeProvider();
  const env = provider.environment();
  provider.behave({ kind: "silent" });
  const worker = await startWorker(env);
  const { runId } = await triggerRun(database.ctx, { pipeline: "lab", stage: "ask", params: {} });
  const calls = () => database.db.llmCall.findMany({ where: { runId }, orderBy: { id: "asc" } });
  await waitFor("the call to be under way", async () => (await calls())[0]?.status === "running" && provider.asked.length > 0);
  worker.kill(signal);
  if (signal === "SIGTERM") await once(worker, "exit");
  provider.behave(say({ yes: true }));
  const other = await startWorker(env);
  expect((await ended(runId)).status).toBe("completed");
  expect(await calls()).toMatchObject([{ status, errorClass, costUsd: null }, { status: "ok", attempt: 1, responseParsed: { yes: true } }]);
  other.kill("SIGKILL");
  await provider.close();
}, 90_000);
