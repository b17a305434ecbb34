import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { cancelRun } from "#lib/engine/cancel";
import { pause, setLimit } from "#lib/engine/control";
import { triggerAll, triggerRun } from "#lib/engine/trigger";
import { PIPELINES } from "#lib/pipelines/registry";
import { getRun } from "#lib/runs/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { lab } from "#lib/testing/lab";
import { explaining } from "#lib/testing/plans";
import { listWaits } from "./queries.ts";

let test: TestDatabase;
beforeAll(async () => {
  PIPELINES.push(lab);
  test = await cloneDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  await test.db.$executeRaw`delete from runs`;
  await test.db.$executeRaw`delete from workers`;
  await test.db.$executeRaw`delete from stage_controls`;
  await test.db.$executeRaw`delete from graphile_worker._private_jobs`;
});

const start = async (stage: string, onBusy?: "queue") => (await triggerRun(test.ctx, { pipeline: "lab", stage, onBusy })).runId;
const why = async (runId: number) => (await listWaits(test.ctx, [runId])).get(runId) ?? null;
const addWorker = (more: Partial<Parameters<typeof test.db.worker.create>[0]["data"]> = {}) =>
  test.db.worker.create({ data: { host: "h", pid: 1, version: "0", concurrency: 2, heartbeatAt: new Date(), ...more } as never });
/** Units that a worker holds, of a run that goes on. */
async function hold(stage: string, workerId: bigint, units: number): Promise<number> {
  const { id } = await test.db.run.create({ data: { pipeline: "lab", stage, status: "running", startedAt: new Date(), wave: 1, unitsTotal: units } });
  await test.db.runUnit.createMany({ data: Array.from({ length: units }, (_, n) => ({ runId: id, seq: n + 1, wave: 1, name: `${n}`, status: "running" as const, attempt: 1, workerId })) });
  return Number(id);
}

it("no worker at all, none that knows the stage, only drained ones", async () => {
  const run = await start("swarm");
  expect(await why(run)).toEqual({ reason: "no_worker", text: "Waiting for a worker: none is alive. Start one with ./penstock worker.", runs: [] });
  await addWorker({ stages: ["mail/content"] });
  expect(await why(run)).toMatchObject({ reason: "unable", text: expect.stringContaining("that can run lab/swarm: none of the 1 alive knows it") });
  await addWorker({ stages: ["lab/swarm"], drainRequestedAt: new Date(), drainRequestedBy: "anna" });
  expect(await why(run)).toMatchObject({ reason: "drained" });
  await addWorker({ stages: ["lab/swarm"] });
  expect(await why(run)).toMatchObject({ reason: "queued", text: "Queued: a worker takes it as soon as one is free." });
});

it("in line: behind which run, and which stand before it", async () => {
  await addWorker();
  const [first, second, third, fourth] = [await start("patient"), await start("patient"), await start("patient"), await start("patient")];
  const waits = await listWaits(test.ctx, [first, second, third, fourth]);
  expect(waits.get(first)).toMatchObject({ reason: "queued" });
  expect(waits.get(second)).toEqual({ reason: "line", text: `In line behind #${first}, which waits to run. It is next.`, runs: [{ id: first, stage: "patient" }] });
  expect(waits.get(fourth)).toMatchObject({ reason: "line", text: `In line behind #${first}, which waits to run. 2 runs before it: #${second}, #${third}.`, runs: [{ id: first }, { id: second }, { id: third }] });
  await cancelRun(test.ctx, { runId: first });
  expect(await why(second)).toMatchObject({ reason: "queued" });
  expect((await why(third))?.text).toBe(`In line behind #${second}, which waits to run. It is next.`);
});

it("upstream, and the pause of a stage or a pipeline besides", async () => {
  await addWorker();
  const { runIds: [first = 0, second = 0] } = await triggerAll(test.ctx, { pipeline: "lab" });
  expect(await why(second)).toEqual({ reason: "upstream", text: `Waiting for #${first} first to end.`, runs: [{ id: first, stage: "first" }] });
  await pause(test.ctx, { pipeline: "lab", stage: "second", reason: "Not before noon." });
  expect((await why(second))?.text).toMatch(new RegExp(`^Waiting for #${first} first to end\\. Stage lab/second is paused by test since \\S+ \\S+ UTC: Not before noon\\.$`));
  await pause(test.ctx, { pipeline: "lab" });
  expect(await why(first)).toMatchObject({ reason: "pause", text: expect.stringMatching(/^Pipeline lab is paused by test since .* UTC\.$/) });
});

it("the limit of its stage, and of a running run what it still ends while it is paused", async () => {
  const worker = await addWorker({ concurrency: 8 });
  await hold("swarm", worker.id, 2);
  await setLimit(test.ctx, { pipeline: "lab", stage: "swarm", limit: 2 });
  const run = await start("swarm");
  expect(await why(run)).toEqual({ reason: "limit", text: "Waiting for room: 2 units of lab/swarm are in flight, and its limit is 2.", runs: [] });
  const going = await hold("narrow", worker.id, 1);
  expect(await why(going)).toBeNull();
  await pause(test.ctx, { pipeline: "lab", stage: "narrow" });
  expect((await why(going))?.text).toMatch(/paused by test since .* UTC\. 1 unit in flight ends; nothing new starts\.$/);
});

it("workers that are busy, and how many units come before it", async () => {
  const worker = await addWorker();
  await hold("swarm", worker.id, 2);
  const [first, second, third] = [await start("swarm"), await start("swarm"), await start("swarm")];
  expect(await why(first)).toMatchObject({ reason: "busy", text: "Waiting for a worker: all 2 slots of the workers that can run it are taken." });
  expect(await why(second)).toMatchObject({ text: "Waiting for a worker: all 2 slots of the workers that can run it are taken. 1 unit comes before it." });
  expect(await why(third)).toMatchObject({ text: expect.stringContaining("2 units come before it.") });
});

it("units of a higher priority, of which not all come before it", async () => {
  const worker = await addWorker();
  await hold("swarm", worker.id, 2);
  for (let n = 0; n < 16; n += 1) await triggerRun(test.ctx, { pipeline: "lab", stage: "swarm", priority: "high" });
  const { runId } = await triggerRun(test.ctx, { pipeline: "lab", stage: "swarm", priority: "lowest" });
  expect((await why(runId))?.text).toMatch(/\d+ units come before it\. Some are of a higher priority; of 16 that a worker takes, one is of a lower\.$/);
});

it("says nothing of what goes on, has ended, or is being cancelled", async () => {
  const worker = await addWorker();
  const going = await hold("swarm", worker.id, 1);
  const cancelled = await start("swarm");
  await cancelRun(test.ctx, { runId: cancelled });
  expect(await listWaits(test.ctx, [going, cancelled, 999_999])).toEqual(new Map());
  expect((await getRun(test.ctx, going)).waiting).toBeNull();
});

it("asks once for any number of runs", async () => {
  const ids = [];
  for (let n = 0; n < 40; n += 1) ids.push(await start("patient", "queue"));
  const { ctx, plans } = explaining(test);
  expect((await listWaits(ctx, ids)).size).toBe(40);
  expect(plans).toHaveLength(1);
});

it("until its failed unit is tried again, once nothing else of it is left to do", async () => {
  const worker = await addWorker();
  const run = await hold("swarm", worker.id, 2);
  await test.db.run.update({ where: { id: run }, data: { queuedTo: 2, unitsRetrying: 1 } });
  await test.db.runUnit.update({ where: { runId_seq: { runId: run, seq: 1 } }, data: { status: "pending", workerId: null, retryAt: new Date("2040-01-01T00:00:00Z") } });
  expect(await why(run)).toBeNull();
  await test.db.runUnit.update({ where: { runId_seq: { runId: run, seq: 2 } }, data: { status: "completed" } });
  await test.db.run.update({ where: { id: run }, data: { unitsDone: 1 } });
  expect(await why(run)).toMatchObject({ reason: "backoff", text: expect.stringContaining("Waiting until ") });
});
