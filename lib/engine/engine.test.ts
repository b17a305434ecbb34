import { afterAll, beforeAll, expect, test } from "vitest";
import { AppError } from "#lib/errors";
import { PIPELINES } from "#lib/pipelines/registry";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { lab } from "#lib/testing/lab";
import { waitFor } from "#lib/testing/wait";
import { startWorker, type RunningWorker } from "#lib/worker/main";
import { cancelRun } from "./cancel.ts";
import { triggerAll, triggerRun } from "./trigger.ts";

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

const start = (stage: string, params: Record<string, unknown> = {}) => triggerRun(database.ctx, { pipeline: "lab", stage, params });
const read = (runId: number) => database.db.run.findUniqueOrThrow({ where: { id: runId }, include: { units: { orderBy: { seq: "asc" } }, steps: { orderBy: { seq: "asc" } }, logs: { orderBy: { id: "asc" } }, events: { orderBy: { id: "asc" }, select: { type: true } } } });
const ended = (runId: number) => waitFor(`run ${runId} to end`, async () => {
  const run = await read(runId);
  return run.completedAt && run;
});

test("a run counts exactly what its units counted, and its events tell its life in order", async () => {
  const { runId } = await start("first", { units: 5, items: 7 });
  const run = await ended(runId);
  expect(run).toMatchObject({ status: "completed", itemsProcessed: 35, itemsFailed: 0, itemsTotal: 35, unitsTotal: 5, unitsDone: 5, unitsFailed: 0, triggeredBy: "cli", createdBy: "test" });
  expect(run.events.map(({ type }) => type)).toEqual(["run.pending", "run.running", "run.completed"]);
  expect(run.units.map(({ kind }) => kind)).toEqual(["plan", "work", "work", "work", "work", "work"]);
  expect(run.logs.map(({ line }) => line).sort()).toEqual([1, 2, 3, 4, 5].map((n) => `unit-${n} counted 7`));
  expect(run.durationMs).toBeGreaterThanOrEqual(0);
});

test("some units failing is partial, all failing is failed, none planned is skipped; each with its reason", async () => {
  const some = await ended((await start("first", { failing: ["unit-2"] })).runId);
  expect(some).toMatchObject({ status: "partial", unitsFailed: 1, unitsDone: 2, errorClass: "RangeError", errorMessage: "1 of 3 units failed, the first with: unit-2 was told to fail" });
  const all = await ended((await start("first", { units: 1, failing: ["unit-1"] })).runId);
  expect(all).toMatchObject({ status: "failed", errorMessage: "unit-1 was told to fail" });
  const none = await ended((await start("first", { units: 0 })).runId);
  expect(none).toMatchObject({ status: "skipped", reason: "Nothing to do: nothing new was waiting" });
});

test("a unit without one item done has failed; the run is partial when another did better, else failed", async () => {
  const mixed = await ended((await start("hopeless", { good: 3 })).runId);
  expect(mixed).toMatchObject({ status: "partial", unitsDone: 1, unitsFailed: 1, itemsProcessed: 3, itemsFailed: 2, errorMessage: "2 of 5 items failed, the first with: a: no hope" });
  const none = await ended((await start("hopeless")).runId);
  expect(none).toMatchObject({ status: "failed", unitsFailed: 2, itemsFailed: 4 });
});

test("waves run one after another, and settling may end the run as hold", async () => {
  const run = await ended((await start("waves")).runId);
  expect(run).toMatchObject({ status: "hold", outcome: "HOLD", itemsProcessed: 6, unitsTotal: 6, unitsDone: 6 });
  expect(run.steps.map(({ inputJson }) => JSON.parse(inputJson ?? "").number)).toEqual([1, 1, 2, 2, 3, 3]);
  expect(run.steps.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
});

test("steps are recorded with their nesting, input, output and error; awkward text does not fail the run", async () => {
  const run = await ended((await start("steps")).runId);
  expect(run).toMatchObject({ status: "partial", itemsProcessed: 2, itemsFailed: 1, errorMessage: "1 of 3 items failed, the first with: third: broken on purpose" });
  expect(run.steps.map(({ stepName, status, parentSeq }) => [stepName, status, parentSeq])).toEqual([["outer", "ok", null], ["inner", "ok", 1], ["left_out", "skip", null], ["broken", "error", null]]);
  expect(run.steps[3]).toMatchObject({ error: "broken on purpose", errorClass: "Error" });
  expect(run.steps.every(({ completedAt }) => completedAt !== null)).toBe(true);
});

test("a brief step is written once, when it is over, with its place and its fault; a later attempt finds it; one is committed with what came of it", async () => {
  const run = await ended((await start("brief")).runId);
  expect(run).toMatchObject({ status: "partial", itemsProcessed: 2, itemsFailed: 1, errorMessage: "1 of 3 items failed, the first with: one: odd on purpose" });
  expect(run.steps.map(({ seq, stepName, status, parentSeq, attempt, inputJson, outputJson }) => [seq, stepName, status, parentSeq, attempt, inputJson, outputJson])).toEqual([
    [1, "outer", "ok", null, 1, null, '{"attempt":1}'], [2, "look", "ok", 1, 1, '{"a":1}', '{"attempt":1}'],
    [3, "odd", "error", null, 2, null, null], [4, "reckoned", "ok", null, 2, '{"attempt":1}', '{"b":"\\u0000"}'],
  ]);
  expect(run.steps[2]).toMatchObject({ error: "odd on purpose", errorClass: "RangeError" });
  expect(run.steps[3]).toMatchObject({ durationMs: 12 });
  const [, , , reckoned] = run.steps;
  expect((reckoned?.completedAt?.getTime() ?? 0) - (reckoned?.startedAt.getTime() ?? 0)).toBeGreaterThanOrEqual(11);
  // The error group names the step in which it came up, as of every other step.
  expect(await database.db.$queryRaw`select g.step, o.step_seq from error_occurrences o join error_groups g on g.id = o.group_id where o.run_id = ${run.id} and o.step_seq = 3`).toEqual([{ step: "odd", step_seq: 3 }]);
});

test("a busy stage is refused with the run that is in the way, and is free again when that has ended", async () => {
  const { runId } = await start("first", { units: 1, items: 20, sleepMs: 50 });
  const refusal = await start("first").catch((error) => error);
  expect(refusal).toBeInstanceOf(AppError);
  expect(refusal).toMatchObject({ code: "CONFLICT", details: { runId } });
  await cancelRun(database.ctx, { runId });
  await ended(runId);
  await ended((await start("first")).runId);
});

test("50 triggers at once of one stage: one run, 49 refusals", async () => {
  const results = await Promise.allSettled(Array.from({ length: 50 }, () => start("second")));
  const made = results.flatMap((result) => (result.status === "fulfilled" ? [result.value.runId] : []));
  const codes = new Set(results.flatMap((result) => (result.status === "rejected" ? [result.reason.code] : [])));
  expect(made.length).toBeGreaterThanOrEqual(1);
  expect([...codes]).toEqual(["CONFLICT"]);
  const active = await Promise.all(made.map(ended));
  // Should one have ended before the last trigger came, a second run is right; two at the same time never are.
  for (const [index, run] of active.entries()) for (const other of active.slice(index + 1)) expect(run.completedAt! <= other.createdAt || other.completedAt! <= run.createdAt).toBe(true);
});

test("an idempotency key: the same request is the same run, another request is refused", async () => {
  const ask = (units: number) => triggerRun(database.ctx, { pipeline: "lab", stage: "third", params: { units }, idempotencyKey: "one" });
  const [a, b] = await Promise.all([ask(1), ask(1)]);
  expect(a?.runId).toBe(b?.runId);
  expect([a?.created, b?.created].sort()).toEqual([false, true]);
  await ended(a!.runId);
  expect(await ask(1)).toMatchObject({ runId: a!.runId, created: false, joined: false });
  await expect(ask(2)).rejects.toMatchObject({ code: "MISMATCH" });
});

test("bad parameters, unknown stages: refused with what is known, and nothing is made", async () => {
  const before = await database.db.run.count();
  await expect(start("first", { units: -1, nonsense: 1 })).rejects.toMatchObject({ code: "INVALID", faults: [{ path: "params.nonsense" }, { path: "params.units" }] });
  await expect(start("nowhere")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(triggerRun(database.ctx, { pipeline: "no", stage: "first" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(await database.db.run.count()).toBe(before);
});

test("run all goes in the order of needs; a failure skips what follows, with the reason", async () => {
  const { runIds } = await triggerAll(database.ctx, { pipeline: "lab", params: { units: 2 } });
  const runs = await Promise.all(runIds.map(ended));
  expect(runs.map(({ stage, status }) => [stage, status])).toEqual([["first", "completed"], ["second", "completed"], ["third", "completed"]]);
  expect(runs[0]!.completedAt! <= runs[1]!.startedAt! && runs[1]!.completedAt! <= runs[2]!.startedAt!).toBe(true);

  const broken = await triggerAll(database.ctx, { pipeline: "lab", params: { units: 1, failing: ["unit-1"] } });
  const rest = await Promise.all(broken.runIds.map(ended));
  expect(rest.map(({ status }) => status)).toEqual(["failed", "skipped", "skipped"]);
  expect(rest[1]!.reason).toBe(`Stage first (#${broken.runIds[0]}) failed, and this one needs it`);
  expect(rest[2]!.reason).toBe(`Stage second (#${broken.runIds[1]}) was skipped, and this one needs it`);
});

test("nothing to do upstream does not keep what follows from running", async () => {
  const { runIds } = await triggerAll(database.ctx, { pipeline: "lab", params: { units: 0 } });
  const runs = await Promise.all(runIds.map(ended));
  expect(runs.every(({ status, startedAt }) => status === "skipped" && startedAt !== null)).toBe(true);
});

test("cancel: running units get the signal, waiting ones end, downstream is skipped, twice is once, too late is said", async () => {
  const { runIds } = await triggerAll(database.ctx, { pipeline: "lab", params: { units: 20, items: 100, sleepMs: 20 } });
  const [first] = runIds as [number];
  await waitFor("items", async () => (await read(first)).itemsProcessed > 0);
  const begun = Date.now();
  const [a, b] = await Promise.all([cancelRun(database.ctx, { runId: first }), cancelRun(database.ctx, { runId: first })]);
  expect(a.ok && b.ok).toBe(true);
  const run = await ended(first);
  // Promised within 15 s; the grace of a unit that does not listen is 10.
  expect(Date.now() - begun).toBeLessThan(8_000);
  expect(run.status).toBe("cancelled");
  expect(run.units.filter(({ kind, status }) => kind === "work" && status !== "cancelled" && status !== "completed")).toEqual([]);
  expect(run.itemsProcessed).toBe(run.units.reduce((sum, { itemsDone }) => sum + itemsDone, 0));
  expect(run.events.filter(({ type }) => type === "run.cancel_requested")).toHaveLength(1);
  expect(await cancelRun(database.ctx, { runId: first })).toEqual({ ok: false, reason: "already_finished", status: "cancelled" });
  expect((await ended(runIds[2]!)).status).toBe("skipped");
  await expect(cancelRun(database.ctx, { runId: 999_999 })).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("cancelling a unit that does not listen ends it over its head, and its late write changes nothing", async () => {
  const { runId } = await start("deaf", { sleepMs: 13_000 });
  await waitFor("the unit to run", async () => (await read(runId)).units.some(({ kind, status }) => kind === "work" && status === "running"));
  await cancelRun(database.ctx, { runId });
  const run = await ended(runId);
  expect(run).toMatchObject({ status: "cancelled", itemsProcessed: 0 });
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  expect((await read(runId)).itemsProcessed).toBe(0);
}, 40_000);
