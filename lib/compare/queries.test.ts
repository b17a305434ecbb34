import { afterAll, beforeAll, expect, test } from "vitest";
import type { Permission } from "#lib/access/rules";
import { getBaseline } from "#lib/baseline/queries";
import { compareRuns } from "#lib/compare/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";

let database: TestDatabase;
beforeAll(async () => {
  database = await cloneDatabase();
});
afterAll(() => database.drop());

async function newRun(data: { stage: string; status?: "completed" | "failed" | "running"; durationMs?: number; params?: object }): Promise<number> {
  const { id } = await database.db.run.create({ data: { pipeline: "mail", status: "completed", completedAt: data.status === "running" ? null : new Date(), startedAt: new Date(), ...data } });
  return Number(id);
}

test("two runs side by side: steps aligned, cost added up, the first divergence marked", async () => {
  const ids = [];
  for (const output of ['{"v":1}', '{"v":2}']) {
    const runId = await newRun({ stage: "classify", params: { n: output.length, apiKey: output } });
    await database.db.runUnit.create({ data: { runId, seq: 1, wave: 1, name: "shop.com", status: "completed", itemsDone: 1 } });
    const steps = [["fetch", "{}"], ["ask", output]] as const;
    await database.db.runStep.createMany({ data: steps.map(([stepName, outputJson], index) => ({ runId, seq: index + 1, unitSeq: 1, stepName, stepKey: `${stepName}#1`, status: "ok", outputJson, completedAt: new Date(), durationMs: 10 * runId })) });
    const asked = await database.db.runStep.findFirstOrThrow({ where: { runId, seq: 2 } });
    await database.db.llmCall.createMany({ data: [1, 2].map(() => ({ runId, stepId: asked.id, provider: "p", model: "m", role: "r", costUsd: 0.25 })) });
    ids.push(runId);
  }
  const [a = 0, b = 0] = ids;
  const found = await compareRuns(database.ctx, a, b);
  expect(found.rows.map(({ kind, a: left, b: right, differs }) => [kind, left?.name, right?.name, differs])).toEqual([["unit", "shop.com", "shop.com", []], ["step", "fetch", "fetch", []], ["step", "ask", "ask", ["output"]]]);
  expect(found).toMatchObject({ divergence: 2, isCut: false, costUsd: { a: 0.5, b: 0.5 }, facts: [] });
  expect(found.rows[2]).toMatchObject({ a: { costUsd: 0.5, durationMs: 10 * a } });
  await expect(compareRuns(database.ctx, a, 999_999)).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("the baseline: neighbours of the stage, what is usual, and the last success, its secrets masked", async () => {
  const durations = [1_000, 2_000, 3_000, 4_000];
  const done = [];
  for (const durationMs of durations) done.push(await newRun({ stage: "content", durationMs, params: { password: "p", n: durationMs } }));
  await newRun({ stage: "metadata", durationMs: 99_000 });
  const failed = await newRun({ stage: "content", status: "failed", durationMs: 50_000 });
  const running = await newRun({ stage: "content", status: "running" });
  const baseline = await getBaseline(database.ctx, { id: failed, pipeline: "mail", stage: "content" });
  expect(baseline).toMatchObject({ previous: { id: done[3], status: "completed" }, next: { id: running, status: "running" }, expected: { p50Ms: 2_500, p95Ms: 3_850, runs: 4 }, lastSuccess: { id: done[3], params: { password: "••••", n: 4_000 } } });
  expect(await getBaseline(database.ctx, { id: done[0] ?? 0, pipeline: "mail", stage: "content" })).toMatchObject({ previous: null, lastSuccess: null, expected: { runs: 3 } });
  expect((await getBaseline(database.ctx, { id: running, pipeline: "mail", stage: "metadata" })).expected).toBeNull();
});

// The page laid the last success's parameters beside the hidden ones of the failed run.
test("the last success keeps its parameters and configuration from whoever may not read payloads", async () => {
  const success = await newRun({ stage: "profile", durationMs: 1, params: { customer: "Ada" } });
  const failed = await newRun({ stage: "profile", status: "failed", durationMs: 1, params: { customer: "Bob" } });
  const may = new Set<Permission>(["runs.read"]);
  const { lastSuccess } = await getBaseline({ ...database.ctx, actor: { kind: "web", name: "vic", may } }, { id: failed, pipeline: "mail", stage: "profile" });
  expect(lastSuccess).toMatchObject({ id: success, params: null, configSnapshot: null });
});
