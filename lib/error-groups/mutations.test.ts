import { afterAll, beforeAll, expect, test } from "vitest";
import { findErrorGroupOf, getErrorGroup, listErrorGroups, listRunsOfErrorGroup } from "#lib/error-groups/queries";
import { triggerRun } from "#lib/engine/trigger";
import { PIPELINES } from "#lib/pipelines/registry";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { lab } from "#lib/testing/lab";
import { waitFor } from "#lib/testing/wait";
import { type RunningWorker, startWorker } from "#lib/worker/main";
import { ErrorGroupsRequest } from "./filter.ts";
import { forgetFailuresOf, groupEarlierFailures, ignoreErrorGroup, recordFailures, reopenErrorGroup, resolveErrorGroup } from "./mutations.ts";

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

async function runToEnd(stage: string, params: Record<string, unknown> = {}) {
  const { runId } = await triggerRun(database.ctx, { pipeline: "lab", stage, params });
  await waitFor(`run ${runId} to end`, async () => (await database.db.run.findUniqueOrThrow({ where: { id: runId } })).completedAt);
  return runId;
}
const groups = async (asked: Record<string, unknown> = {}) => (await listErrorGroups(database.ctx, ErrorGroupsRequest.parse({ status: "all", ...asked }))).rows;
const onlyGroupOf = async (stage: string) => {
  const found = await groups({ stage });
  expect(found).toHaveLength(1);
  return found[0]!;
};
const countedInHours = async (id: number) => Number((await database.db.errorGroupHour.aggregate({ where: { groupId: id }, _sum: { count: true } }))._sum.count);

test("the same error with other numbers, in one run and in the next: one group that counts units and runs", async () => {
  const first = await runToEnd("first", { failing: ["unit-1", "unit-3"] });
  expect(await onlyGroupOf("first")).toMatchObject({ pipeline: "lab", step: null, errorClass: "RangeError", count: 2, runs: 1, status: "open", regressions: 0 });
  const second = await runToEnd("first", { failing: ["unit-2"] });
  const group = await onlyGroupOf("first");
  expect(group).toMatchObject({ count: 3, runs: 2, sampleMessage: "unit-2 was told to fail" });
  expect(group.lastSeen > group.firstSeen).toBe(true);
  expect(group.days).toHaveLength(14);
  expect(group.days.at(-1)?.count).toBe(3);
  expect(await getErrorGroup(database.ctx, group.id)).toMatchObject({ normalisedMessage: "unit-<n> was told to fail", cause: null, hours: expect.objectContaining({ length: 24 }) });
  expect((await listRunsOfErrorGroup(database.ctx, group.id)).rows).toMatchObject([{ id: second, count: 1, status: "partial" }, { id: first, count: 2, unitSeq: expect.any(Number) }]);
  expect(await findErrorGroupOf(database.ctx, first)).toMatchObject([{ id: group.id, count: 3, countInRun: 2, status: "open" }]);
});

test("items that fail in a step count once each, under the step; items that fail outside any count under none", async () => {
  const runId = await runToEnd("steps");
  expect(await onlyGroupOf("steps")).toMatchObject({ step: "broken", errorClass: "Error", sampleMessage: "broken on purpose", count: 1 });
  expect(await findErrorGroupOf(database.ctx, runId)).toHaveLength(1);
  await runToEnd("hopeless");
  expect(await onlyGroupOf("hopeless")).toMatchObject({ sampleMessage: "no hope", count: 4, runs: 1, step: null });
});

test("resolved, it comes back: open again by itself, and marked; ignored, it stays ignored and counts", async () => {
  const { id } = await onlyGroupOf("first");
  expect(await resolveErrorGroup(database.ctx, { groupId: id })).toEqual({ ok: true, status: "resolved" });
  expect(await getErrorGroup(database.ctx, id)).toMatchObject({ status: "resolved", resolvedBy: "test", resolvedAt: expect.any(Date) });
  expect(await groups({ status: "open", stage: "first" })).toEqual([]);
  await runToEnd("first", { failing: ["unit-1"] });
  expect(await getErrorGroup(database.ctx, id)).toMatchObject({ status: "open", regressions: 1, reopenedAt: expect.any(Date), reopenedBy: null, count: 4, runs: 3 });
  await ignoreErrorGroup(database.ctx, { groupId: id });
  await runToEnd("first", { failing: ["unit-1"] });
  expect(await getErrorGroup(database.ctx, id)).toMatchObject({ status: "ignored", ignoredBy: "test", regressions: 1, count: 5 });
  expect(await reopenErrorGroup(database.ctx, { groupId: id })).toEqual({ ok: true, status: "open" });
  expect(await getErrorGroup(database.ctx, id)).toMatchObject({ status: "open", reopenedBy: "test", regressions: 1 });
  await expect(resolveErrorGroup(database.ctx, { groupId: 999_999 })).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("resolve pressed 20 times at once: one ok, the others are told that it is so already", async () => {
  const { id } = await onlyGroupOf("first");
  const results = await Promise.all(Array.from({ length: 20 }, () => resolveErrorGroup(database.ctx, { groupId: id })));
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  expect(results.filter((result) => !result.ok && result.status === "resolved")).toHaveLength(19);
});

test("200 units of four runs fail at the same time with the same two errors: exact counts, no deadlock", async () => {
  const failures = [
    { step: null, stepSeq: null, errorClass: "Error", message: "alpha", count: 1 },
    { step: null, stepSeq: null, errorClass: "Error", message: "beta", count: 2 },
  ];
  const runs = await Promise.all([1, 2, 3, 4].map(() => database.db.run.create({ data: { pipeline: "lab", stage: "storm" }, select: { id: true } })));
  const deadlocks = async () => Number((await database.db.$queryRaw<{ n: bigint }[]>`select deadlocks as n from pg_stat_database where datname = current_database()`)[0]?.n);
  const before = await deadlocks();
  await Promise.all(Array.from({ length: 200 }, (_, n) => {
    const run = runs[n % 4]!;
    // As the engine does: the run is locked first; half of them bring the errors in the other order.
    return database.db.$transaction(async (db) => {
      await db.$executeRaw`select 1 from runs where id = ${run.id} for no key update`;
      await recordFailures({ ...database.ctx, db }, { runId: Number(run.id), unitSeq: n, pipeline: "lab", stage: "storm" }, n % 2 ? failures : failures.toReversed());
    }, { maxWait: 20_000, timeout: 20_000 });
  }));
  const found = await groups({ stage: "storm", sort: "count" });
  expect(found.map(({ sampleMessage, count, runs: inRuns }) => [sampleMessage, count, inRuns])).toEqual([["beta", 400, 4], ["alpha", 200, 4]]);
  for (const group of found) {
    expect(await countedInHours(group.id)).toBe(group.count);
    expect((await listRunsOfErrorGroup(database.ctx, group.id)).rows.reduce((sum, { count }) => sum + count, 0)).toBe(group.count);
  }
  expect(await deadlocks()).toBe(before);
});

test("200 units that fail in the engine, four at a time: the group counts every one", async () => {
  await runToEnd("second", { units: 200, failing: Array.from({ length: 200 }, (_, n) => `unit-${n + 1}`) });
  expect(await onlyGroupOf("second")).toMatchObject({ count: 200, runs: 1 });
});

test("a run that is deleted takes its occurrences along; the group and its count stay", async () => {
  const { id } = await onlyGroupOf("second");
  const { rows: [run] } = await listRunsOfErrorGroup(database.ctx, id);
  await database.db.run.delete({ where: { id: run!.id } });
  expect((await listRunsOfErrorGroup(database.ctx, id)).rows).toEqual([]);
  expect(await getErrorGroup(database.ctx, id)).toMatchObject({ count: 200, runs: 1 });
});

test("awkward messages are kept, bounded: a megabyte, NUL, half a surrogate pair, nothing at all", async () => {
  const run = await database.db.run.create({ data: { pipeline: "lab", stage: "awkward" }, select: { id: true } });
  const messages = ["x ".repeat(524_288), "nul \0 and \ud800", "", "مرحبا بالعالم 🚧".repeat(300)];
  for (const message of messages) await recordFailures(database.ctx, { runId: Number(run.id), unitSeq: null, pipeline: "lab", stage: "awkward" }, [{ step: "a \0 b", stepSeq: 1, errorClass: "\ud800", message, count: 1 }]);
  const found = await groups({ stage: "awkward" });
  expect(found).toHaveLength(4);
  for (const { id } of found) expect((await getErrorGroup(database.ctx, id)).sampleMessage.length).toBeLessThanOrEqual(3_000);
});

test("hours past the sparkline go as new ones come", async () => {
  const { id } = await onlyGroupOf("steps");
  await database.db.errorGroupHour.create({ data: { groupId: id, hour: new Date(Date.now() - 20 * 86_400_000), count: 7 } });
  await runToEnd("steps");
  expect(await countedInHours(id)).toBe(2);
});

test("failures from before are grouped once, as they would have been when they happened, at their time", async () => {
  const lived = await runToEnd("steps");
  const [asItHappened] = await findErrorGroupOf(database.ctx, lived);
  await database.db.errorOccurrence.deleteMany({ where: { runId: lived } });
  const at = new Date("2026-01-02T03:04:05.678Z");
  await database.db.run.update({ where: { id: lived }, data: { completedAt: at } });
  const [bare] = await Promise.all([database.db.run.create({ data: { pipeline: "lab", stage: "bare", status: "failed", completedAt: at, errorClass: "Error", errorMessage: "bare 1" }, select: { id: true } })]);
  const runIds = [lived, Number(bare.id)];
  expect(await groupEarlierFailures(database.ctx, { runIds })).toEqual({ runs: 2 });
  expect(await groupEarlierFailures(database.ctx, { runIds })).toEqual({ runs: 0 });
  expect(await findErrorGroupOf(database.ctx, lived)).toMatchObject([{ id: asItHappened!.id, countInRun: 1, firstSeen: at }]);
  const group = await onlyGroupOf("bare");
  expect(group).toMatchObject({ count: 1, runs: 1, firstSeen: at, lastSeen: at });
  await resolveErrorGroup(database.ctx, { groupId: group.id });
  await database.db.run.create({ data: { pipeline: "lab", stage: "bare", status: "failed", completedAt: at, errorClass: "Error", errorMessage: "bare 2" } });
  await groupEarlierFailures(database.ctx);
  expect(await getErrorGroup(database.ctx, group.id)).toMatchObject({ count: 2, status: "resolved", regressions: 0 });
});

test("runs that were made up are forgotten with what they counted; a group of nothing else goes", async () => {
  const group = await onlyGroupOf("bare");
  const { rows } = await listRunsOfErrorGroup(database.ctx, group.id);
  await forgetFailuresOf(database.ctx, rows.slice(1).map(({ id }) => id));
  expect(await getErrorGroup(database.ctx, group.id)).toMatchObject({ count: 1, runs: 1 });
  await forgetFailuresOf(database.ctx, [rows[0]!.id]);
  expect(await groups({ stage: "bare" })).toEqual([]);
});
