import { afterAll, beforeAll, expect, it } from "vitest";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { getStep, getStepIo, getTrace, listRunLogs, readRunLogs, listSteps, listUnits } from "#lib/trace/queries";

let test: TestDatabase;
beforeAll(async () => {
  test = await cloneDatabase();
});
afterAll(() => test.drop());

const T0 = Date.parse("2026-11-20T10:00:00Z");
const at = (ms: number) => new Date(T0 + ms);
const refused = (code: string) => expect.objectContaining({ name: "AppError", code });

async function newRun(data: object = {}): Promise<number> {
  const { id } = await test.db.run.create({ data: { pipeline: "mail", stage: "content", status: "completed", startedAt: at(0), completedAt: at(900), lastStepSeq: 9, ...data } });
  return Number(id);
}
type Step = { seq: number; name: string; unit?: number; parent?: number; attempt?: number; status?: "ok" | "skip" | "error"; start?: number; ms?: number | null; key?: string; input?: string; output?: string };
const addSteps = (runId: number, steps: Step[]) =>
  test.db.runStep.createMany({
    data: steps.map(({ seq, name, unit = 1, parent, attempt = 1, status = "ok", start = seq * 100, ms = 50, key = `${name}#1`, input, output }) => ({
      runId, seq, unitSeq: unit, parentSeq: parent, attempt, stepName: name, stepKey: key, status, inputJson: input, outputJson: output,
      startedAt: at(start), completedAt: ms === null ? null : at(start + ms), durationMs: ms ?? 0,
    })),
  });

it("pages through units, steps and logs", async () => {
  const runId = await newRun();
  await test.db.runUnit.createMany({ data: [0, 1, 2].map((seq) => ({ runId, seq, name: `batch-${seq}` })) });
  await addSteps(runId, [1, 2, 3].map((seq) => ({ seq, name: "parse", status: seq === 2 ? "error" : "ok", input: "{}" })));
  await test.db.runLog.createMany({ data: ["a", "b"].map((line) => ({ runId, line })) });

  const units = await listUnits(test.ctx, runId, { limit: 2 });
  expect([units.rows.map(({ seq }) => seq), units.next]).toEqual([[0, 1], 1]);
  expect((await listUnits(test.ctx, runId, { after: 1 })).rows.map(({ seq }) => seq)).toEqual([2]);
  expect((await listSteps(test.ctx, runId, { status: "error" })).rows.map(({ seq }) => seq)).toEqual([2]);
  expect((await listSteps(test.ctx, runId)).rows[0]).not.toHaveProperty("input");
  const logs = await listRunLogs(test.ctx, runId);
  expect([logs.rows.map(({ line }) => line), logs.next]).toEqual([["a", "b"], null]);
  await test.db.runLog.createMany({ data: Array.from({ length: 2_500 }, (_, index) => ({ runId, unitSeq: index % 2, line: `line ${index}` })) });
  const ofUnit = [];
  for await (const lines of readRunLogs(test.ctx, runId, { unit: 1 })) ofUnit.push(...lines.map(({ line }) => line));
  expect(ofUnit).toEqual(Array.from({ length: 1_250 }, (_, index) => `line ${2 * index + 1}`));
});

it("gives input and output as they were recorded, without their secrets; cut and broken ones too", async () => {
  const runId = await newRun();
  const broken = 'not json {"password": "hunter2", "a';
  await addSteps(runId, [{ seq: 1, name: "a", input: '{"big": 12345678901234567890, "apiKey": "k-1"}', output: broken }, { seq: 2, name: "b" }]);
  expect(await getStepIo(test.ctx, runId, 1)).toEqual({ input: '{"big": 12345678901234567890, "apiKey": "••••"}', output: 'not json {"password": "••••", "a', inputBytes: 46, outputBytes: broken.length, isCut: false, prunedAt: null });
  expect(await getStepIo(test.ctx, runId, 1, 44)).toMatchObject({ input: '{"big": 12345678901234567890, "apiKey": "••••"', isCut: true });
  expect(await getStepIo(test.ctx, runId, 2, 10)).toEqual({ input: null, output: null, inputBytes: 0, outputBytes: 0, isCut: false, prunedAt: null });
  await expect(getStepIo(test.ctx, runId, 3)).rejects.toEqual(refused("NOT_FOUND"));
});

it("the trace has every unit and step once, as columns, in milliseconds since the run began", async () => {
  const runId = await newRun();
  await test.db.runUnit.createMany({
    data: [
      { runId, seq: 0, kind: "plan", name: "plan", status: "completed", startedAt: at(0), completedAt: at(90) },
      { runId, seq: 1, wave: 1, name: "one", status: "failed", startedAt: at(100), completedAt: at(800), error: "e".repeat(400) },
      { runId, seq: 2, wave: 2, name: "two" },
    ],
  });
  await addSteps(runId, [{ seq: 1, name: "fetch" }, { seq: 2, name: "parse", parent: 1, status: "error" }, { seq: 3, name: "fetch", status: "skip" }, { seq: 4, name: "lost", status: "error", ms: null }]);
  const trace = await getTrace(test.ctx, runId);
  expect(trace).toMatchObject({ runId, status: "completed", zeroAt: at(0).toISOString(), endMs: 900 });
  expect(trace.units.map(({ seq, startMs, endMs, error }) => [seq, startMs, endMs, error?.length ?? 0])).toEqual([[0, 0, 90, 0], [1, 100, 800, 300], [2, null, null, 0]]);
  expect(trace.steps).toMatchObject({ seq: [1, 2, 3, 4], unit: [1, 1, 1, 1], parent: [-1, 1, -1, -1], status: [0, 2, 1, 2], startMs: [100, 200, 300, 400], durationMs: [50, 50, 50, -1] });
  expect(trace.steps.name.map((index) => trace.names[index])).toEqual(["fetch", "parse", "fetch", "lost"]);
});

it("since an earlier answer it gives what has changed, and nothing of what has not", async () => {
  const runId = await newRun({ status: "running", completedAt: null });
  const worker = await test.db.worker.create({ data: { host: "h", pid: 1, version: "0", concurrency: 1 } });
  await test.db.runUnit.createMany({ data: [{ runId, seq: 1, wave: 1, name: "old", status: "completed", createdAt: at(0), startedAt: at(0), completedAt: at(1) }, { runId, seq: 2, wave: 1, name: "open", status: "running", attempt: 1, workerId: worker.id, createdAt: at(0), startedAt: at(0) }] });
  await addSteps(runId, [{ seq: 1, name: "old" }, { seq: 2, name: "going", status: "error", ms: null }]);
  const whole = await getTrace(test.ctx, runId);
  expect(whole.steps.seq).toEqual([1, 2]);
  await test.db.runStep.update({ where: { runId_seq: { runId, seq: 2 } }, data: { status: "ok", completedAt: new Date(), durationMs: 7 } });
  await test.db.runStep.create({ data: { runId, seq: 3, unitSeq: 2, stepName: "new", stepKey: "new#1", startedAt: new Date() } });
  const news = await getTrace(test.ctx, runId, { since: new Date(whole.asOf) });
  expect(news.steps).toMatchObject({ seq: [2, 3], durationMs: [7, -1] });
  expect(news.units.map(({ seq }) => seq)).toEqual([2]);
});

it("of its beginning it gives the first units and steps", async () => {
  const runId = await newRun();
  await test.db.runUnit.createMany({ data: [1, 2, 3].map((seq) => ({ runId, seq, wave: 1, name: `unit ${seq}` })) });
  await addSteps(runId, [1, 2, 3].map((seq) => ({ seq, name: `step ${seq}` })));
  const head = await getTrace(test.ctx, runId, { first: 2 });
  expect(head).toMatchObject({ runId, units: [{ seq: 1 }, { seq: 2 }], steps: { seq: [1, 2] } });
  expect(head.names.toSorted()).toEqual(["step 1", "step 2"]);
});

it("a run without steps has an empty trace; no run has none", async () => {
  const runId = await newRun({ status: "pending", startedAt: null, completedAt: null });
  expect(await getTrace(test.ctx, runId)).toMatchObject({ status: "pending", names: [], units: [], steps: { seq: [], durationMs: [] } });
  await expect(getTrace(test.ctx, 999_999)).rejects.toEqual(refused("NOT_FOUND"));
});

it("finds the same step in the attempt before and in the run before", async () => {
  const [before, now] = [await newRun({ stage: "classify" }), await newRun({ stage: "classify" })];
  for (const [runId, names] of [[before, ["x", "shop.com"]], [now, ["shop.com", "x"]]] as const) {
    await test.db.runUnit.createMany({ data: names.map((name, index) => ({ runId, seq: index + 1, wave: 1, name })) });
  }
  await addSteps(before, [{ seq: 1, name: "ask", unit: 1 }, { seq: 2, name: "ask", unit: 2 }, { seq: 3, name: "ask", unit: 2, key: "ask#2" }]);
  await addSteps(now, [{ seq: 1, name: "ask", unit: 1, status: "error" }, { seq: 2, name: "ask", unit: 1, attempt: 2 }, { seq: 3, name: "only here", unit: 1 }]);
  expect(await getStep(test.ctx, now, 2)).toMatchObject({ stepName: "ask", unitName: "shop.com", previousAttempt: { runId: now, seq: 1 }, previousRun: { runId: before, seq: 2 } });
  expect(await getStep(test.ctx, now, 3)).toMatchObject({ previousAttempt: null, previousRun: null });
  expect(await getStep(test.ctx, before, 1)).toMatchObject({ previousRun: null });
  await expect(getStep(test.ctx, now, 4)).rejects.toEqual(refused("NOT_FOUND"));
});
