/** What the model beside the engine found once, each in the fewest steps that showed it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { PIPELINES } from "#lib/pipelines/registry";
import { openStepper, script, type Stepper } from "#lib/testing/chaos/stepper";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { cancelRun } from "./cancel.ts";
import { retryRun } from "./retry.ts";
import { triggerAll, triggerRun } from "./trigger.ts";

let database: TestDatabase;
let stepper: Stepper;
beforeAll(async () => {
  PIPELINES.push(script);
  database = await cloneDatabase();
  stepper = await openStepper(database.ctx, database.url);
});
afterAll(async () => {
  await stepper.close();
  await database.drop();
});
const read = (runId: number) => database.db.run.findUniqueOrThrow({ where: { id: runId }, include: { units: { orderBy: { seq: "asc" } } } });
const start = async (stage: string, plan: number[]) => (await triggerRun(database.ctx, { pipeline: "script", stage, params: { plan } })).runId;

// It threw on a run without units, and with it every look of the sweeper from then on.
test("a run that waits for another can be cancelled, and what needs it is skipped", async () => {
  const { runIds: [, second = 0, third = 0] } = await triggerAll(database.ctx, { pipeline: "script", params: {} });
  expect(await cancelRun(database.ctx, { runId: second })).toEqual({ ok: true, status: "cancelled" });
  expect((await read(third)).status).toBe("skipped");
});

// The units that it went on to plan stayed pending for ever, and a retry of what had not succeeded left them out.
test("cancelled while it is planned, and the plan goes on to its end: its units are cancelled, and can be taken up", async () => {
  const runId = await start("a", [2, 1]);
  const held = await stepper.begin(runId, 0);
  await cancelRun(database.ctx, { runId });
  expect(await stepper.finish(held!, "ok")).toBe("ended");
  const run = await read(runId);
  expect([run.status, ...run.units.map(({ status }) => status)]).toEqual(["cancelled", "completed", "cancelled", "cancelled", "cancelled"]);
  expect((await retryRun(database.ctx, { runId, onlyFailed: true })).units).toBe(3);
});

// Half a plan stayed behind a failed run, as units that waited, and was offered as all there was to retry.
test("a plan that dies three times leaves nothing of itself, and is retried whole or not at all", async () => {
  const runId = await start("a", [2]);
  for (let death = 0; death < 3; death += 1) {
    const held = await stepper.begin(runId, 0);
    expect(await stepper.finish(held!, "ok", "endUnit.counted")).toBeInstanceOf(Error);
    await stepper.bury(held!.workerId);
  }
  const run = await read(runId);
  expect([run.status, run.errorClass, run.units.length]).toEqual(["failed", "WorkerDied", 1]);
  await expect(retryRun(database.ctx, { runId, onlyFailed: true })).rejects.toMatchObject({ code: "MISMATCH" });
});

// A worker that woke after it had been buried took one more job before it ended: nobody was given that job for four hours.
test("a job that is locked by a worker that has stopped is free again", async () => {
  await start("a", []);
  await database.db.$executeRaw`update graphile_worker._private_jobs set locked_at = now(), locked_by = 'pool of the dead' where payload->>'runId' = (select max(id)::text from runs)`;
  await database.db.worker.create({ data: { host: "elsewhere", pid: 1, version: "0", concurrency: 1, stages: [], poolId: "pool of the dead", stoppedAt: new Date(Date.now() - 60_000) } });
  await stepper.sweepNow(5);
  expect(await database.db.$queryRaw`select 1 as locked from graphile_worker.jobs where locked_by = 'pool of the dead'`).toEqual([]);
});

// The cancellation had been acknowledged, and the run ended failed.
test("cancelled, and its plan fails before it has noticed: it is cancelled all the same", async () => {
  const runId = await start("a", [1]);
  const held = await stepper.begin(runId, 0);
  await cancelRun(database.ctx, { runId });
  expect(await stepper.finish(held!, "fail")).toBe("ended");
  expect((await read(runId)).status).toBe("cancelled");
});
