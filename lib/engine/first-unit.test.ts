/** A worker goes on with the run that it has planned: when it may, when it may not, and what a plan that cannot be written comes to. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { PIPELINES } from "#lib/pipelines/registry";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { lab } from "#lib/testing/lab";
import { waitFor } from "#lib/testing/wait";
import { type RunningWorker, startWorker } from "#lib/worker/main";
import { pause, resume } from "./control.ts";
import { definePipeline, defineStage, unit, wave } from "./define.ts";
import { triggerRun } from "./trigger.ts";

let database: TestDatabase;
const workers = new Set<RunningWorker>();
const fatal: Error[] = [];
const mayPlan = Promise.withResolvers<void>();
const STAGE = { description: "", itemsName: "items", rowsName: "rows", params: z.object({}), unit: async () => {} };
const planning = definePipeline("planning", {
  title: "Planning",
  description: "For this test",
  stages: [
    defineStage("unwritable", {
      ...STAGE,
      title: "Plans what no column can hold",
      plan: async function* () {
        yield wave([unit("only", { text: "\0" })]);
      },
    }),
    defineStage("slow", {
      ...STAGE,
      title: "Plans when it is told to",
      plan: async function* () {
        await mayPlan.promise;
        yield wave([unit("only", {})]);
      },
    }),
  ],
});
beforeAll(async () => {
  PIPELINES.push(lab, planning);
  database = await cloneDatabase();
});
afterAll(async () => {
  for (const worker of workers) await worker.stop();
  await database.drop();
});

async function withWorker<T>(concurrency: number, fn: () => Promise<T>): Promise<T> {
  const worker = await startWorker({ url: database.url, concurrency, onFatal: (error) => fatal.push(error) });
  workers.add(worker);
  try {
    return await fn();
  } finally {
    await worker.stop();
    workers.delete(worker);
    expect(fatal).toEqual([]);
  }
}
const start = async (stage: string, params: Record<string, unknown> = {}, pipeline = "lab") => (await triggerRun(database.ctx, { pipeline, stage, params })).runId;
const unitsOf = (runId: number) => database.db.runUnit.findMany({ where: { runId }, orderBy: { seq: "asc" } });
const ended = (runId: number) => waitFor(`run ${runId} to end`, async () => {
  const run = await database.db.run.findUniqueOrThrow({ where: { id: runId } });
  return run.completedAt && run;
}, 30_000);
/** Seqs of the run's units that have a job, taken or waiting. */
const jobsOf = async (runId: number) => (await database.db.$queryRaw<{ seq: number }[]>`
  select (payload ->> 'seq')::int as seq from graphile_worker._private_jobs where (payload ->> 'runId')::int = ${runId}::int order by 1`).map(({ seq }) => seq);

test("nothing else waits: the worker that planned the run has its first unit, which is never in the queue; the others are", () =>
  withWorker(1, async () => {
    const runId = await start("first", { units: 3, items: 400, sleepMs: 10 });
    await waitFor("the first unit to be held", async () => (await unitsOf(runId))[1]?.status === "running");
    expect(await jobsOf(runId)).toEqual([0, 2, 3]);
    const [plan, first] = await unitsOf(runId);
    expect(first).toMatchObject({ attempt: 1, workerId: plan?.workerId });
    await database.db.run.update({ where: { id: runId }, data: { cancelRequestedAt: new Date() } });
    expect(await ended(runId)).toMatchObject({ status: "cancelled" });
  }), 60_000);

test("somebody waits: they come first, whatever the worker has just planned", async () => {
  const early = await start("first", { units: 1, items: 1 });
  const late = await start("second", { units: 1, items: 1 });
  await withWorker(1, async () => {
    await Promise.all([ended(early), ended(late)]);
    const [[, first], [otherPlan]] = await Promise.all([unitsOf(early), unitsOf(late)]);
    expect(first!.startedAt!.getTime()).toBeGreaterThanOrEqual(otherPlan!.completedAt!.getTime());
  });
}, 60_000);

test("paused while it was planned: the first unit waits like every other", async () => {
  const runId = await start("slow", {}, "planning");
  await withWorker(2, async () => {
    await waitFor("the planning to begin", async () => (await unitsOf(runId))[0]?.status === "running");
    await pause(database.ctx, { pipeline: "planning", stage: "slow" });
    mayPlan.resolve();
    await waitFor("the first unit to be put aside", async () => (await unitsOf(runId))[1]?.parkedIn === "planning/slow", 30_000);
    await resume(database.ctx, { pipeline: "planning", stage: "slow" });
    expect(await ended(runId)).toMatchObject({ status: "completed" });
  });
}, 60_000);

test("units that the database refuses are the plan's failure, not the worker's", () =>
  withWorker(1, async () => {
    const run = await ended(await start("unwritable", {}, "planning"));
    expect(run).toMatchObject({ status: "failed", unitsTotal: 0 });
    expect(run.errorMessage).toMatch(/\\u0000|Unicode/i);
  }), 60_000);
