import { afterAll, beforeAll, expect, test } from "vitest";
import { findErrorGroupOf, listRunsToRetry } from "#lib/error-groups/queries";
import { PIPELINES } from "#lib/pipelines/registry";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { lab } from "#lib/testing/lab";
import { waitFor } from "#lib/testing/wait";
import { type RunningWorker, startWorker } from "#lib/worker/main";
import { retryErrorGroup } from "./retry-group.ts";
import { triggerRun } from "./trigger.ts";

let database: TestDatabase;
let worker: RunningWorker;
beforeAll(async () => {
  PIPELINES.push(lab);
  database = await cloneDatabase();
  worker = await startWorker({ url: database.url, concurrency: 4, onFatal: (error) => { throw error; } });
});
afterAll(async () => {
  await worker.stop();
  await database.drop();
});

const end = async (runId: number) => waitFor(`run ${runId}`, async () => {
  const run = await database.db.run.findUniqueOrThrow({ where: { id: runId } });
  return run.completedAt && run;
});
async function fail(stage: string, params: Record<string, unknown> = {}): Promise<number> {
  const { runId } = await triggerRun(database.ctx, { pipeline: "lab", stage, params });
  await end(runId);
  return runId;
}

test("the newest run of a busy stage is retried with its failed units alone, the other is refused in words; then it is that one's turn", async () => {
  const older = await fail("first", { failing: ["unit-2"] });
  const newer = await fail("first", { failing: ["unit-1", "unit-3"], items: 1 });
  const [group] = await findErrorGroupOf(database.ctx, newer);
  expect(await listRunsToRetry(database.ctx, group!.id)).toEqual({ runIds: [newer, older], hasMore: false });
  const { results } = await retryErrorGroup(database.ctx, { groupId: group!.id });
  expect(results).toMatchObject([{ runId: newer, retriedAs: expect.any(Number), refusal: null }, { runId: older, retriedAs: null, refusal: expect.stringContaining("first is already") }]);
  const retry = await end(results[0]!.retriedAs!);
  expect(retry).toMatchObject({ retryOf: BigInt(newer), unitsTotal: 2, unitsFailed: 2, status: "failed" });
  // The retry failed with the same error: it stands for the run that it retried.
  expect(await listRunsToRetry(database.ctx, group!.id)).toEqual({ runIds: [Number(retry.id), older], hasMore: false });
});

test("a run of which only items failed is retried whole", async () => {
  const runId = await fail("steps");
  const [group] = await findErrorGroupOf(database.ctx, runId);
  const { results } = await retryErrorGroup(database.ctx, { groupId: group!.id });
  expect(results).toMatchObject([{ runId, retriedAs: expect.any(Number) }]);
  await end(results[0]!.retriedAs!);
});

test("what has been put right is left alone; a group that does not exist is said so; one go takes 100", async () => {
  const [group] = await database.db.errorGroup.findMany({ where: { stage: "steps" }, select: { id: true } });
  const groupId = Number(group!.id);
  await database.db.run.updateMany({ where: { stage: "steps" }, data: { status: "completed" } });
  expect(await retryErrorGroup(database.ctx, { groupId })).toEqual({ results: [], hasMore: false });
  await expect(retryErrorGroup(database.ctx, { groupId: 999_999 })).rejects.toMatchObject({ code: "NOT_FOUND" });
  await database.db.$executeRaw`
    with made as (insert into runs (pipeline, stage, status, completed_at) select 'lab', 'steps', 'failed', now() from generate_series(1, 101) returning id)
    insert into error_occurrences (run_id, group_id, count, first_at, last_at) select id, ${groupId}::bigint, 1, now(), now() from made`;
  const { runIds, hasMore } = await listRunsToRetry(database.ctx, groupId);
  expect([runIds.length, hasMore]).toEqual([100, true]);
});
