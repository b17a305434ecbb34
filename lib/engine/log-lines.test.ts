/** Log lines and ends of units, from attempts that hold their unit and from one that does not any more. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { PIPELINES } from "#lib/pipelines/registry";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { lab } from "#lib/testing/lab";
import { endWorkUnit } from "./end-batch.ts";
import { makeUnitCtx } from "./run-context.ts";

let database: TestDatabase;
beforeAll(async () => {
  PIPELINES.push(lab);
  database = await cloneDatabase();
});
afterAll(() => database.drop());

/** A run in its first wave, all of whose units run. */
async function makeRun(units: number, queuedTo = units): Promise<number> {
  const { id } = await database.db.run.create({
    data: { pipeline: "lab", stage: "first", params: {}, status: "running", startedAt: new Date(), triggeredBy: "cli", createdBy: "test", wave: 1, queuedTo, unitsTotal: units, units: { create: Array.from({ length: units }, (_, index) => ({ seq: index + 1, name: `unit-${index + 1}`, wave: 1, status: "running" as const, attempt: 1, startedAt: new Date() })) } },
    select: { id: true },
  });
  return Number(id);
}
const read = (runId: number) => database.db.run.findUniqueOrThrow({ where: { id: runId }, include: { units: { orderBy: { seq: "asc" } }, logs: { orderBy: { id: "asc" } } } });

test("an attempt that has lost its unit adds no line", async () => {
  const runId = await makeRun(1);
  const open = (attempt: number) => makeUnitCtx(database.ctx, { runId, seq: 1, attempt }, {}, new AbortController().signal, null, { pipeline: "lab", stage: "first", kind: "work", stop: () => {} });
  const [old, held] = [await open(0), await open(1)];
  try {
    old.ctx.log("late");
    await old.flush();
    for (const line of ["one", "two", "three"]) held.ctx.log(line, line === "two" ? "warn" : "info");
    await held.flush();
  } finally {
    old.dispose();
    held.dispose();
  }
  expect((await read(runId)).logs.map(({ unitSeq, level, line }) => [unitSeq, level, line])).toEqual([[1, "info", "one"], [1, "warn", "two"], [1, "info", "three"]]);
});

test("units that end at once are counted once each, and an attempt that has lost its unit not at all", async () => {
  const runId = await makeRun(40, 60);
  const ends = Array.from({ length: 30 }, (_, index) => endWorkUnit(database.ctx, { runId, seq: index + 1, attempt: index % 3 === 0 ? 0 : 1 }, { status: "completed", done: index, output: { index } }));
  expect(await Promise.all(ends)).toEqual(Array.from({ length: 30 }, (_, index) => index % 3 !== 0));
  const run = await read(runId);
  const ended = run.units.filter(({ status }) => status === "completed");
  expect(ended.map(({ seq, itemsDone, output }) => [seq, itemsDone, output])).toEqual(Array.from({ length: 30 }, (_, index) => index).filter((index) => index % 3 !== 0).map((index) => [index + 1, index, { index }]));
  expect([run.unitsDone, run.itemsProcessed]).toEqual([20, ended.reduce((sum, unit) => sum + unit.itemsDone, 0)]);
  expect(await endWorkUnit(database.ctx, { runId, seq: 2, attempt: 1 }, { status: "completed", done: 5 })).toBe(false);
  expect((await read(runId)).unitsDone).toBe(20);
});

test("the last unit that has a job ends with what follows from it", async () => {
  const runId = await makeRun(2);
  expect(await Promise.all([1, 2].map((seq) => endWorkUnit(database.ctx, { runId, seq, attempt: 1 }, { status: "completed" })))).toEqual([true, true]);
  const run = await read(runId);
  expect([run.status, run.unitsDone]).toEqual(["completed", 2]);
});
