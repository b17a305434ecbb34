/** Two versions at once: workers of the one before on a database of this one, and runs whose stage was changed meanwhile. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { definePipeline } from "#lib/engine/define";
import { sweep } from "#lib/engine/liveness";
import { triggerRun } from "#lib/engine/trigger";
import { PIPELINES } from "#lib/pipelines/registry";
import { ROOT } from "#lib/root";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { lab } from "#lib/testing/lab";
import { waitFor } from "#lib/testing/wait";
import { startWorker } from "./main.ts";

let database: TestDatabase;
const gone = definePipeline("gone", { title: "Gone", description: "Of another version", stages: [{ ...lab.stages[0]!, needs: [] }] });

beforeAll(async () => {
  PIPELINES.push(lab);
  database = await cloneDatabase();
});
afterAll(() => database.drop());

async function withWorker<T>(fn: (fatal: Error[]) => Promise<T>): Promise<T> {
  const fatal: Error[] = [];
  const worker = await startWorker({ url: database.url, concurrency: 2, onFatal: (error) => fatal.push(error) });
  try {
    return await fn(fatal);
  } finally {
    await worker.stop();
  }
}
const ended = (runId: number) => waitFor(`run ${runId} to end`, async () => {
  const run = await database.db.run.findUniqueOrThrow({ where: { id: runId } });
  return run.completedAt && run;
}, 30_000);
const start = async (stage: string, params: Record<string, unknown> = {}) => (await triggerRun(database.ctx, { pipeline: "lab", stage, params })).runId;

test("a run in flight whose stage asks for other parameters now ends with that reason, and the worker goes on", async () => {
  const runId = await start("swarm", { units: 60, sleepMs: 20 });
  const stage = lab.stages.find(({ name }) => name === "swarm")!;
  const before = stage.params;
  try {
    await withWorker(async (fatal) => {
      await waitFor("some units", async () => (await database.db.run.findUniqueOrThrow({ where: { id: runId } })).unitsDone > 3);
      stage.params = z.object({ region: z.string() }) as never;
      const run = await ended(runId);
      expect(run.status).toBe("partial");
      expect(run.unitsDone + run.unitsFailed).toBe(60);
      expect(run.errorMessage).toContain("region");
      expect(fatal).toEqual([]);
    });
  } finally {
    stage.params = before;
  }
});

test("a run keeps the time limits that it began with, whatever its stage says later", async () => {
  const stage = lab.stages.find(({ name }) => name === "swarm")!;
  const runId = await start("swarm", { units: 6, sleepMs: 100 });
  stage.timeouts = { unitMs: 1 };
  try {
    await withWorker(async () => expect(await ended(runId)).toMatchObject({ status: "completed", unitsDone: 6 }));
  } finally {
    stage.timeouts = undefined;
  }
});

test("what killed its workers, of a stage that only another version knows, is left to that; once nobody knows it, it ends", async () => {
  PIPELINES.push(gone);
  const { runId } = await triggerRun(database.ctx, { pipeline: "gone", stage: "first", params: {} });
  PIPELINES.splice(PIPELINES.indexOf(gone), 1);
  const dead = await database.db.worker.create({ data: { host: "h", pid: 1, version: "0", concurrency: 1, stages: ["gone/first"], stoppedAt: new Date() } });
  const other = await database.db.worker.create({ data: { host: "elsewhere", pid: 1, version: "0", concurrency: 1, stages: ["gone/first"], heartbeatAt: new Date(Date.now() + 60_000) } });
  await database.db.run.update({ where: { id: runId }, data: { status: "running", startedAt: new Date(), wave: 1, queuedTo: 1, unitsTotal: 1 } });
  await database.db.runUnit.update({ where: { runId_seq: { runId, seq: 0 } }, data: { status: "completed", attempt: 1, completedAt: new Date() } });
  await database.db.runUnit.create({ data: { runId, seq: 1, wave: 1, name: "one", status: "running", attempt: 3, crashes: 2, workerId: dead.id } });
  const session = { query: async () => ({ rows: [{ locked: false }] }) };
  await sweep(database.ctx, session);
  expect(await database.db.runUnit.findUniqueOrThrow({ where: { runId_seq: { runId, seq: 1 } } })).toMatchObject({ status: "running" });
  await database.db.worker.update({ where: { id: other.id }, data: { stoppedAt: new Date() } });
  await sweep(database.ctx, session);
  expect(await database.db.run.findUniqueOrThrow({ where: { id: runId } })).toMatchObject({ status: "failed", errorClass: "WorkerDied" });
});

test("a migration that only adds leaves the workers of before at work; one that starts on it says why it does not, and takes nothing", async () => {
  const runId = await start("swarm", { units: 60, sleepMs: 20 });
  await withWorker(async (fatal) => {
    await waitFor("some units", async () => (await database.db.run.findUniqueOrThrow({ where: { id: runId } })).unitsDone > 3);
    await database.db.$executeRaw`alter table runs add column of_tomorrow text`;
    await database.db.$executeRaw`insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) values ('tomorrow', 'x', '29990101000000_tomorrow', now(), 1)`;
    expect(await ended(runId)).toMatchObject({ status: "completed", unitsDone: 60 });
    expect(fatal).toEqual([]);
  });
  const waiting = await start("swarm");
  const before = await database.db.worker.count();
  const child = spawn(process.execPath, ["--conditions=react-server", "--disable-warning=ExperimentalWarning", join(ROOT, "lib/cli/main.ts"), "worker"], { cwd: ROOT, env: { ...process.env, NODE_ENV: "test", PENSTOCK_ROOT: ROOT, DATABASE_URL: database.url }, stdio: ["ignore", "ignore", "pipe"] });
  const said = await text(child.stderr);
  expect(said).toMatch(/The database is newer than this program: it has the migration 29990101000000_tomorrow\. Update Penstock/);
  expect(child.exitCode ?? (await new Promise((resolve) => child.once("exit", resolve)))).not.toBe(0);
  expect(await database.db.worker.count()).toBe(before);
  expect(await database.db.run.findUniqueOrThrow({ where: { id: waiting } })).toMatchObject({ status: "pending" });
}, 60_000);
