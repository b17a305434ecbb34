/** Units that fail and are tried again, and work that takes too long: with a worker in this process, and with ones that hang. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { AppError } from "#lib/errors";
import { PIPELINES } from "#lib/pipelines/registry";
import { ROOT } from "#lib/root";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { patience } from "#lib/testing/patience";
import { waitFor } from "#lib/testing/wait";
import { type RunningWorker, startWorker } from "#lib/worker/main";
import { pause, resume } from "./control.ts";
import { definePipeline, noRetry } from "./define.ts";
import { backoffMs, repairRetries, retryAfter } from "./retry-unit.ts";
import { triggerRun } from "./trigger.ts";

let database: TestDatabase;
let worker: RunningWorker | null = null;
const children = new Set<ChildProcess>();
beforeAll(async () => {
  PIPELINES.push(patience);
  database = await cloneDatabase();
  worker = await startWorker({ url: database.url, concurrency: 4, onFatal: (error) => { throw error; } });
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await worker?.stop();
  await database.drop();
});

const start = async (stage: string, params: Record<string, unknown> = {}) => (await triggerRun(database.ctx, { pipeline: "patience", stage, params })).runId;
const read = (runId: number) => database.db.run.findUniqueOrThrow({ where: { id: runId }, include: { units: { where: { kind: "work" }, orderBy: { seq: "asc" } }, steps: { orderBy: { seq: "asc" } }, logs: { orderBy: { id: "asc" } } } });
const ended = (runId: number) => waitFor(`run ${runId} to end`, async () => {
  const run = await read(runId);
  return run.completedAt && run;
}, 60_000);

test("the waits grow by the factor up to the most, give or take the jitter", () => {
  const backoff = { initialMs: 100, factor: 3, maxMs: 1_000, jitter: 0 };
  expect([1, 2, 3, 4, 50].map((failures) => backoffMs(backoff, failures))).toEqual([100, 300, 900, 1_000, 1_000]);
  expect([0, 0.5, 1].map((random) => backoffMs({ ...backoff, jitter: 0.5 }, 2, random))).toEqual([150, 300, 450]);
  expect(backoffMs({ ...backoff, jitter: 1 }, 9, 1)).toBe(1_000);
  expect(backoffMs(undefined, 3, 0.5)).toBe(4_000);
});

test("what another try would not mend is not tried again", () => {
  const retry = { attempts: 3, never: ["ExitCode 2"] };
  const after = (error: unknown, errorClass = "Error", failures = 0) => retryAfter(retry, failures, error, errorClass);
  expect(after(new Error("x"))).toBeGreaterThan(0);
  expect(after(new Error("x"), "Error", 1)).toBeGreaterThan(0);
  expect(after(new Error("x"), "Error", 2)).toBeNull();
  expect(after(new Error("x"), "ExitCode 2")).toBeNull();
  expect(after(noRetry(new Error("x")))).toBeNull();
  expect(after(z.object({ a: z.string() }).safeParse({}).error, "ZodError")).toBeNull();
  expect(after(new AppError("INVALID", "x"), "AppError")).toBeNull();
  expect(retryAfter(undefined, 0, new Error("x"), "Error")).toBeNull();
});

test("limits that make no sense are the author's fault, told at start", () => {
  const [stage] = patience.stages;
  if (!stage) throw new Error("There is no stage");
  const define = (more: object) => () => definePipeline("p", { title: "", description: "", stages: [{ ...stage, ...more }] });
  for (const more of [{ retry: { attempts: 0 } }, { retry: { attempts: 1.5 } }, { retry: { attempts: 2, backoff: { factor: 0.5 } } }, { retry: { attempts: 2, backoff: { jitter: 2 } } }, { timeouts: { unitMs: 0 } }, { timeouts: { runMs: Number.NaN } }]) expect(define(more)).toThrow("has ");
});

test("a unit that fails twice and then does is done: its items count once, and it says what had happened", async () => {
  const run = await ended(await start("flaky", { failures: 2 }));
  expect(run).toMatchObject({ status: "completed", itemsProcessed: 3, itemsFailed: 0, unitsRetrying: 0, errorMessage: null });
  expect(run.configSnapshot).toMatchObject({ retry: { attempts: 3 } });
  expect(run.units).toMatchObject([{ attempt: 3, failures: 2, status: "completed", itemsDone: 3, error: null, retryAt: null }]);
  expect(run.logs.filter(({ level }) => level === "warn").map(({ line }) => line.replace(/again in .*:/, "again:"))).toEqual(["Attempt 1 of 3 failed, and is tried again: failure 1", "Attempt 2 of 3 failed, and is tried again: failure 2"]);
  // The step that had ended well was not run again.
  expect(run.steps.map(({ stepName, attempt, status }) => [stepName, attempt, status])).toEqual([["once", 1, "ok"]]);
});

test("one that fails as often as it may has failed, and one whose error forbids it at once", async () => {
  const run = await ended(await start("flaky", { failures: 9 }));
  expect(run).toMatchObject({ status: "partial", errorMessage: "failure 3", itemsProcessed: 2, unitsRetrying: 0 });
  expect(run.units).toMatchObject([{ attempt: 3, failures: 2, status: "failed" }]);
  const hopeless = await ended(await start("flaky", { failures: 9, hopeless: true }));
  expect(hopeless.units).toMatchObject([{ attempt: 1, failures: 0, status: "failed" }]);
});

test("the rules of a run are those it was triggered under, whatever becomes of the definition meanwhile", async () => {
  const flaky = patience.stages.find(({ name }) => name === "flaky");
  if (!flaky?.retry) throw new Error("There is no stage");
  const { retry } = flaky;
  const hold = { pipeline: "patience", stage: "flaky" };
  await pause(database.ctx, hold);
  const runId = await start("flaky", { failures: 9 });
  const patient = await start("flaky", { failures: 3 });
  try {
    // Fewer attempts and never for such errors, after they were triggered and before they begin.
    flaky.retry = { attempts: 2, never: ["Error"] };
    await resume(database.ctx, hold);
    expect((await ended(runId)).units).toMatchObject([{ attempt: 3, failures: 2, status: "failed" }]);
    expect((await ended(patient)).units).toMatchObject([{ attempt: 3, failures: 2, status: "failed" }]);
    // What is triggered from now on goes by the new rules.
    expect((await ended(await start("flaky", { failures: 1 }))).units).toMatchObject([{ attempt: 1, failures: 0, status: "failed" }]);
    delete flaky.retry;
    expect((await ended(await start("flaky", { failures: 1 }))).units).toMatchObject([{ attempt: 1, status: "failed" }]);
  } finally {
    flaky.retry = retry;
  }
}, 60_000);

test("a unit that waits for its next try is pending, holds nobody up, and gets its job back if that was lost", async () => {
  const runId = await start("slow-retry", { units: 40 });
  const waiting = await waitFor("the others to be done", async () => {
    const run = await read(runId);
    return run.unitsDone === 39 - 19 && run.unitsRetrying === 20 && run;
  }, 30_000);
  const unit = waiting.units.find(({ retryAt }) => retryAt !== null);
  expect(unit).toMatchObject({ status: "pending", failures: 1, error: "not yet", errorClass: "Error", workerId: null });
  expect(unit?.retryAt?.getTime()).toBeGreaterThan(Date.now() + 1_800_000);
  // Somebody deletes the jobs, and the hour passes.
  await database.db.$executeRaw`select graphile_worker.complete_jobs(array(select id from graphile_worker.jobs where key like ${`retry:${runId}:%`}))`;
  await database.db.$executeRaw`update run_units set retry_at = clock_timestamp() - interval '1 min' where run_id = ${runId}::bigint and retry_at is not null`;
  await repairRetries(database.ctx);
  await repairRetries(database.ctx);
  const run = await ended(runId);
  expect(run).toMatchObject({ status: "completed", unitsDone: 40, unitsRetrying: 0 });
  expect(run.units.every(({ attempt }) => attempt <= 2)).toBe(true);
});

test("a step, a unit and a run that take too long end as what they are", async () => {
  const step = await ended(await start("late", { where: "step" }));
  expect(step).toMatchObject({ status: "failed", errorClass: "StepTimeout", errorMessage: "The step slow took longer than 200ms, its time limit" });
  expect(step.steps).toMatchObject([{ stepName: "slow", status: "error", errorClass: "StepTimeout" }]);
  const deafStep = await ended(await start("late", { where: "deaf step" }));
  expect(deafStep).toMatchObject({ errorClass: "StepTimeout" });

  const unit = await ended(await start("late-unit"));
  expect(unit).toMatchObject({ status: "failed", errorClass: "UnitTimeout", errorMessage: "The unit took longer than 300ms, its time limit" });
  expect(unit.configSnapshot).toEqual({ timeouts: { unitMs: 300 } });

  const run = await ended(await start("late-run"));
  expect(run).toMatchObject({ status: "failed", errorClass: "RunTimeout", errorMessage: "The run took longer than 2.5s, its time limit" });
  expect(new Set(run.units.map(({ status }) => status))).toEqual(new Set(["completed", "failed", "cancelled"]));
  expect(run.units.filter(({ status }) => status === "failed").every(({ errorClass }) => errorClass === "RunTimeout")).toBe(true);
}, 60_000);

test.runIf(process.platform === "linux")("a program that is over its time is ended with its family", async () => {
  const run = await ended(await start("late-program"));
  expect(run).toMatchObject({ status: "failed", errorClass: "UnitTimeout" });
  const pids = run.logs.flatMap(({ line }) => /^pid (\d+)$/.exec(line)?.[1] ?? []).map(Number);
  expect(pids).toHaveLength(2);
  const { readFile } = await import("node:fs/promises");
  for (const pid of pids) {
    await waitFor(`${pid} to be gone`, async () => {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
      return stat === null || stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
    }, 5_000);
  }
});

test("a worker that hangs keeps no run past its time: it is ended over its head, and the worker by its own watchdog", async () => {
  await worker?.stop();
  worker = null;
  const child = spawn(process.execPath, ["--conditions=react-server", join(ROOT, "lib/testing/lab-worker.ts"), database.url], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  children.add(child);
  let said = "";
  child.stderr.on("data", (chunk) => { said += chunk; });
  await once(child.stdout, "data");
  const runId = await start("hangs");
  await waitFor("it to hang", async () => (await read(runId)).units[0]?.status === "running");
  const other = await startWorker({ url: database.url, concurrency: 1, onFatal: (error) => { throw error; } });
  worker = other;
  const run = await ended(runId);
  expect(run).toMatchObject({ status: "failed", errorClass: "RunTimeout" });
  expect((run.completedAt?.getTime() ?? 0) - (run.startedAt?.getTime() ?? 0)).toBeLessThan(25_000);
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  expect(child.signalCode).toBe("SIGKILL");
  expect(said).toContain(`The worker hangs in unit 1 of run #${runId}, which is over its time limit; it ends`);
}, 90_000);
