import { afterAll, beforeAll, expect, test } from "vitest";
import { MASK } from "#lib/format/mask";
import { PIPELINES } from "#lib/pipelines/registry";
import { getRun } from "#lib/runs/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { lab } from "#lib/testing/lab";
import { waitFor } from "#lib/testing/wait";
import { type RunningWorker, startWorker } from "#lib/worker/main";
import { cancelRun } from "./cancel.ts";
import { retryRun } from "./retry.ts";
import { triggerRun } from "./trigger.ts";

let database: TestDatabase;
let worker: RunningWorker;
const fatal: Error[] = [];
beforeAll(async () => {
  PIPELINES.push(lab);
  database = await cloneDatabase();
  worker = await startWorker({ url: database.url, concurrency: 4, onFatal: (error) => fatal.push(error) });
});
afterAll(async () => {
  expect(fatal).toEqual([]);
  await worker.stop();
  await database.drop();
});

const read = (runId: number) => database.db.run.findUniqueOrThrow({ where: { id: runId }, include: { units: { orderBy: { seq: "asc" } }, events: { orderBy: { id: "asc" }, select: { type: true, actor: true, data: true } } } });
const ended = (runId: number) => waitFor(`run ${runId} to end`, async () => {
  const run = await read(runId);
  return run.completedAt && run;
});
const done = async (stage: string, params: Record<string, unknown> = {}) => ended((await triggerRun(database.ctx, { pipeline: "lab", stage, params })).runId);
const retried = async (input: Parameters<typeof retryRun>[1]) => ended((await retryRun(database.ctx, input)).runId);

test("whole: the same stage and parameters anew, linked both ways, with who did it in the outbox; the old run stays", async () => {
  const old = await done("first", { units: 2, items: 3, failing: ["unit-2"] });
  const run = await retried({ runId: Number(old.id) });
  expect(run).toMatchObject({ retryOf: old.id, onlyFailed: false, status: "partial", params: old.params, unitsTotal: 2 });
  expect(run.events[0]).toMatchObject({ type: "run.pending", actor: "test", data: { retryOf: Number(old.id), onlyFailed: false } });
  expect(await read(Number(old.id))).toEqual(old);
  expect(await getRun(database.ctx, Number(old.id))).toMatchObject({ retried: null, retries: [{ id: Number(run.id), status: "partial" }], handledBy: null });
  expect(await getRun(database.ctx, Number(run.id))).toMatchObject({ retried: { id: Number(old.id), status: "partial" }, retries: [] });
});

test("with edited parameters; a run is handled when its retry, or a retry of that, succeeded", async () => {
  const old = await done("first", { units: 2, items: 3, failing: ["unit-2"] });
  const again = await retried({ runId: Number(old.id) });
  const good = await retried({ runId: Number(again.id), params: { units: 1, items: 1 } });
  expect(good).toMatchObject({ status: "completed", params: { units: 1, items: 1, failing: [], sleepMs: 0 } });
  for (const id of [old.id, again.id]) expect((await getRun(database.ctx, Number(id))).handledBy).toBe(Number(good.id));
  await expect(retryRun(database.ctx, { runId: Number(old.id), params: { units: -1, nonsense: 1 } })).rejects.toMatchObject({ code: "INVALID", faults: [{ path: "params.nonsense" }, { path: "params.units" }] });
});

test("only what failed: those units with their inputs, and nothing that succeeded", async () => {
  const old = await done("first", { units: 4, items: 5, failing: ["unit-2", "unit-4"] });
  const { units } = await retryRun(database.ctx, { runId: Number(old.id), onlyFailed: true, params: { units: 4, items: 5 } });
  expect(units).toBe(2);
  const [link] = (await getRun(database.ctx, Number(old.id))).retries;
  const run = await ended(link?.id ?? 0);
  expect(run).toMatchObject({ status: "completed", onlyFailed: true, unitsTotal: 2, unitsDone: 2, itemsTotal: 10, itemsProcessed: 10 });
  expect(run.units.filter(({ kind }) => kind === "work").map(({ name, input, wave }) => [name, input, wave])).toEqual([["unit-2", { name: "unit-2" }, 1], ["unit-4", { name: "unit-4" }, 1]]);
  await expect(retryRun(database.ctx, { runId: Number(run.id), onlyFailed: true })).rejects.toMatchObject({ code: "MISMATCH" });
});

test("only what failed counts a unit with failed items, and keeps waves", async () => {
  const mixed = await done("steps");
  expect(mixed).toMatchObject({ status: "partial", unitsFailed: 0, itemsFailed: 1 });
  expect((await retried({ runId: Number(mixed.id), onlyFailed: true })).unitsTotal).toBe(1);

  const waves = await done("waves");
  await database.db.runUnit.updateMany({ where: { runId: waves.id, name: { in: ["1b", "3a"] } }, data: { status: "failed" } });
  const run = await retried({ runId: Number(waves.id), onlyFailed: true });
  expect(run).toMatchObject({ status: "hold", unitsDone: 2 });
  expect(run.units.map(({ kind, name, wave }) => (kind === "work" ? [name, wave] : kind))).toEqual(["plan", ["1b", 1], ["3a", 3], "settle"]);
  const [first, second] = run.units.filter(({ kind }) => kind === "work");
  expect(first!.completedAt! <= second!.startedAt!).toBe(true);
});

test("a cancelled run is taken up where it was", async () => {
  const { runId } = await triggerRun(database.ctx, { pipeline: "lab", stage: "second", params: { units: 8, items: 30, sleepMs: 10 } });
  await waitFor("a unit to end", async () => (await read(runId)).unitsDone > 0);
  await cancelRun(database.ctx, { runId });
  const old = await ended(runId);
  const left = old.units.filter(({ kind, status }) => kind === "work" && status === "cancelled").length;
  const run = await retried({ runId, onlyFailed: true, params: { units: 8, items: 30, sleepMs: 0 } });
  expect(left).toBeGreaterThan(0);
  expect(run).toMatchObject({ status: "completed", unitsTotal: left, unitsDone: left });
});

test("a run that goes on, a busy stage, no such run: refused in words; nothing is made", async () => {
  const old = await done("third", { units: 1, items: 1 });
  const { runId } = await triggerRun(database.ctx, { pipeline: "lab", stage: "third", params: { units: 1, items: 50, sleepMs: 20 } });
  const before = await database.db.run.count();
  await expect(retryRun(database.ctx, { runId })).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining("has not ended") });
  await expect(retryRun(database.ctx, { runId: Number(old.id) })).rejects.toMatchObject({ code: "CONFLICT", details: { runId } });
  await expect(retryRun(database.ctx, { runId: 999_999 })).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(await database.db.run.count()).toBe(before);
  await cancelRun(database.ctx, { runId });
  await ended(runId);
});

test("an idempotency key: asked twice it is one retry; of something else it is refused", async () => {
  const old = Number((await done("waves")).id);
  const first = await retryRun(database.ctx, { runId: old, idempotencyKey: "again" });
  await ended(first.runId);
  expect(await retryRun(database.ctx, { runId: old, idempotencyKey: "again" })).toMatchObject({ runId: first.runId, created: false });
  await expect(retryRun(database.ctx, { runId: first.runId, idempotencyKey: "again" })).rejects.toMatchObject({ code: "MISMATCH" });
});

test("secrets are masked when a run is read, and a masked one sent back is the old one", async () => {
  const { id } = await database.db.run.create({ data: { pipeline: "lab", stage: "deaf", status: "failed", completedAt: new Date(), params: { sleepMs: 1 }, configSnapshot: { apiKey: "k-1", model: "m" } } });
  expect((await getRun(database.ctx, Number(id))).configSnapshot).toEqual({ apiKey: MASK, model: "m" });
  await database.db.run.update({ where: { id }, data: { params: { sleepMs: 1, token: "t" } } });
  expect((await getRun(database.ctx, Number(id))).params).toEqual({ sleepMs: 1, token: MASK });
  await expect(retryRun(database.ctx, { runId: Number(id) })).rejects.toMatchObject({ code: "INVALID", faults: [{ path: "params.token" }] });
});
