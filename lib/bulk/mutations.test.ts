/** Acts on many runs against a real database, with workers as processes that are killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { readRunsFilter } from "#lib/runs/filter";
import { RUN_STATUSES } from "#lib/runs/rules";
import { ROOT } from "#lib/root";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { admin } from "#lib/testing/people";
import { lab } from "#lib/testing/lab";
import { PIPELINES } from "#lib/pipelines/registry";
import { waitFor } from "#lib/testing/wait";
import { cancelRun } from "#lib/engine/cancel";
import { triggerRun } from "#lib/engine/trigger";
import { BULK_KINDS, type BulkKind } from "./fields.ts";
import { abortBulk, actOnNext, createBulk, reviveBulks } from "./mutations.ts";
import { getBulk, listBulkRuns, listBulks, previewBulk } from "./queries.ts";
import { unfitReason } from "./rules.ts";

let database: TestDatabase;
const children = new Set<ChildProcess>();
beforeAll(async () => {
  PIPELINES.push(lab);
  database = await cloneDatabase();
});
afterEach(() => killAll());
afterAll(async () => {
  await killAll();
  await database.drop();
});

async function killAll(): Promise<void> {
  await Promise.all([...children].map(async (child) => {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }));
}
async function startWorker(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--conditions=react-server", "--disable-warning=ExperimentalWarning", join(ROOT, "lib/testing/lab-worker.ts"), database.url], { stdio: ["ignore", "pipe", "inherit"], cwd: ROOT });
  children.add(child);
  child.once("exit", () => children.delete(child));
  await once(child.stdout!, "data");
  return child;
}

const treeOf = (query: string) => readRunsFilter(new URLSearchParams(query)).filter.tree;
let made = 0;
/** Runs of no exclusive key without a job: pending ones with their first unit, or ended ones. */
async function insertRuns(count: number, status: string, stage = `set-${(made += 1)}`): Promise<string> {
  await database.db.$executeRaw`
    insert into runs (pipeline, stage, status, params, started_at, completed_at)
    select 'lab', ${stage}, ${status}::run_status, '{"units":0}'::jsonb, case when ${status} <> 'pending' then now() end, case when ${status} not in ('pending', 'running') then now() end from generate_series(1, ${count}::int)`;
  if (status === "pending") await database.db.$executeRaw`insert into run_units (run_id, seq, kind, name) select id, 0, 'plan', 'plan' from runs where stage = ${stage} and status = 'pending' on conflict do nothing`;
  return stage;
}
const ended = (id: number, ms = 60_000) => waitFor(`bulk ${id} to end`, async () => {
  const bulk = await getBulk(database.ctx, id);
  return bulk.completedAt && bulk;
}, ms);
const allRuns = async (id: number) => (await listBulkRuns(database.ctx, id, { limit: 1_000 })).rows;
const cancel = (stage: string, rate = 50) => createBulk(database.ctx, { kind: "cancel", tree: treeOf(`stage=${stage}`), rate });

test("the database's word on what fits is the same as ours, for every status, handled or not", async () => {
  for (const status of RUN_STATUSES) {
    const stage = await insertRuns(2, status);
    const [first] = await database.db.run.findMany({ where: { stage }, select: { id: true } });
    await database.db.$executeRaw`insert into runs (pipeline, stage, status, started_at, completed_at, retry_of) values ('lab', 'a retry', 'completed', now(), now(), ${first?.id})`;
    for (const kind of BULK_KINDS satisfies BulkKind[]) {
      const { count, cannot, sample } = await previewBulk(database.ctx, { kind, tree: treeOf(`stage=${stage}`) });
      const reasons = [unfitReason(kind, status, true), unfitReason(kind, status, false)];
      expect({ status, kind, count, sample: sample.length }).toEqual({ status, kind, count: reasons.filter((reason) => reason === null).length, sample: count });
      const expected: Record<string, number> = {};
      for (const reason of reasons) if (reason) expected[reason] = (expected[reason] ?? 0) + 1;
      expect(cannot).toEqual(expected);
    }
  }
});

test("the set is frozen: what matches later is not touched, what ended meanwhile and what never fitted is left out with its reason", async () => {
  const stage = await insertRuns(6, "pending");
  await insertRuns(3, "completed", stage);
  const { id, total } = await cancel(stage);
  expect(total).toBe(9);
  await insertRuns(4, "pending", stage);
  const [first] = await allRuns(id);
  await cancelRun(database.ctx, { runId: first!.runId });
  await startWorker();
  expect(await ended(id)).toMatchObject({ status: "completed", total: 9, leftOut: 3, done: 5, skipped: 4, failed: 0, left: 0, actor: "test" });
  const rows = await allRuns(id);
  expect(rows.filter(({ status }) => status === "skipped").map(({ message }) => message).toSorted()).toEqual([...Array(1).fill("It had ended already: it is cancelled."), ...Array(3).fill("It had ended already: it is completed.")]);
  expect(await database.db.run.count({ where: { stage, status: "pending" } })).toBe(4);
  expect(await database.db.run.count({ where: { stage, status: "cancelled" } })).toBe(6);
  const events = await database.db.runEvent.findMany({ where: { run: { stage }, type: "run.cancel_requested" }, select: { actor: true } });
  expect(events).toEqual(Array(6).fill({ actor: "test" }));
}, 60_000);

test("retries in the middle of which workers are killed: each run once, in the name of who asked, waiting for its stage to be free", async () => {
  await database.db.$executeRaw`
    insert into runs (pipeline, stage, status, params, started_at, completed_at, error_message)
    select 'lab', (array['first', 'second', 'third'])[1 + n % 3], 'failed', json_build_object('units', 1, 'items', 1 + n)::jsonb, now(), now(), 'killed' from generate_series(1, 24) n`;
  const { id } = await createBulk({ ...database.ctx, actor: admin("Ann") }, { kind: "retry", tree: treeOf("error=killed"), rate: 20 });
  for (let kill = 0; kill < 5; kill += 1) {
    const before = (await getBulk(database.ctx, id)).done;
    const worker = await startWorker();
    await waitFor("some progress", async () => (await getBulk(database.ctx, id)).done > before || (await getBulk(database.ctx, id)).completedAt, 20_000);
    worker.kill("SIGKILL");
  }
  await startWorker();
  const bulk = await ended(id, 90_000);
  expect(bulk).toMatchObject({ status: "completed", done: 24, failed: 0, skipped: 0 });
  const retries = await database.db.run.findMany({ where: { retryOf: { not: null }, retried: { errorMessage: "killed" } }, select: { id: true, retryOf: true, createdBy: true, triggeredBy: true } });
  expect(retries.length).toBe(24);
  expect(new Set(retries.map(({ retryOf }) => retryOf)).size).toBe(24);
  expect(retries.every(({ createdBy, triggeredBy }) => createdBy === "Ann" && triggeredBy === "web")).toBe(true);
  const rows = await allRuns(id);
  expect(rows.map(({ newRunId }) => newRunId).toSorted()).toEqual(retries.map((run) => Number(run.id)).toSorted());
  await waitFor("the retries to end", async () => Object.keys((await getBulk(database.ctx, id)).made).join() === "completed");
  expect(await previewBulk(database.ctx, { kind: "retry", tree: treeOf("error=killed") })).toMatchObject({ count: 0, cannot: { handled: 24 } });
}, 180_000);

test("a cancellation that was begun by a worker that died counts as ours, and is not done a second time", async () => {
  const stage = await insertRuns(1, "pending");
  const { id } = await cancel(stage);
  const runId = (await allRuns(id))[0]!.runId;
  await database.db.$executeRaw`update bulk_action_runs set begun_at = clock_timestamp() where action_id = ${id}`;
  await cancelRun(database.ctx, { runId });
  expect(await actOnNext(database.ctx, id)).toEqual({ over: false, waitMs: 0 });
  expect(await allRuns(id)).toMatchObject([{ status: "ok", runStatus: "cancelled" }]);
  expect(await database.db.runEvent.count({ where: { runId, type: "run.cancel_requested" } })).toBe(1);
});

test("a set whose job is held by a worker that is no more gets a new one, once; others are left alone", async () => {
  const stage = await insertRuns(2, "pending");
  const { id } = await cancel(stage);
  const { id: other } = await cancel(await insertRuns(2, "pending"));
  const jobs = (of: number) => database.db.$queryRaw<unknown[]>`select from graphile_worker.jobs where key = ${`bulk/${of}`} and locked_at is null`;
  await database.db.$executeRaw`update graphile_worker._private_jobs set locked_at = now(), locked_by = 'gone' where key = ${`bulk/${id}`}`;
  await reviveBulks(database.ctx);
  expect(await jobs(id)).toHaveLength(0);
  await database.db.$executeRaw`update bulk_actions set next_at = now() - interval '4 s'`;
  await Promise.all([reviveBulks(database.ctx), reviveBulks(database.ctx)]);
  expect([await jobs(id), await jobs(other)].map((found) => found.length)).toEqual([1, 1]);
});

test("two workers at one set at the same time: nothing twice, and the counts are right", async () => {
  const stage = await insertRuns(30, "pending");
  const { id } = await cancel(stage);
  const work = async () => {
    for (;;) {
      const turn = await actOnNext(database.ctx, id);
      if (turn.over) return;
      await new Promise((resolve) => setTimeout(resolve, turn.waitMs));
    }
  };
  await Promise.all([work(), work(), work()]);
  expect(await getBulk(database.ctx, id)).toMatchObject({ status: "completed", done: 30, skipped: 0, failed: 0 });
  expect(await database.db.runEvent.count({ where: { run: { stage }, type: "run.cancel_requested" } })).toBe(30);
}, 30_000);

test("aborted: within a second nothing more happens, twice is said, the rest stays as it is", async () => {
  const stage = await insertRuns(200, "pending");
  const { id } = await cancel(stage, 20);
  await startWorker();
  await waitFor("some", async () => (await getBulk(database.ctx, id)).done > 5);
  const askedAt = Date.now();
  expect(await abortBulk(database.ctx, { id })).toEqual({ ok: true });
  expect(Date.now() - askedAt).toBeLessThan(1_000);
  expect(await abortBulk(database.ctx, { id })).toEqual({ ok: false, reason: "already_ended", status: "aborted" });
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, askedAt + 1_000 - Date.now())));
  const cancelled = await database.db.run.count({ where: { stage, status: "cancelled" } });
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(await database.db.run.count({ where: { stage, status: "cancelled" } })).toBe(cancelled);
  const bulk = await getBulk(database.ctx, id);
  expect(bulk).toMatchObject({ status: "aborted", abortedBy: "test", done: cancelled, left: 200 - cancelled });
  await expect(abortBulk(database.ctx, { id: 999_999 })).rejects.toMatchObject({ code: "NOT_FOUND" });
}, 60_000);

test.each([5, 20])("%i a second, within a fifth", async (rate) => {
  const stage = await insertRuns(rate * 8, "pending");
  await startWorker();
  const { id } = await cancel(stage, rate);
  await ended(id);
  const [span] = await database.db.$queryRaw<{ ms: number }[]>`select (extract(epoch from max(ended_at) - min(ended_at)) * 1000)::float8 as ms from bulk_action_runs where action_id = ${id}`;
  const perSecond = ((rate * 8 - 1) * 1_000) / (span?.ms ?? 1);
  expect(perSecond).toBeGreaterThan(rate * 0.8);
  expect(perSecond).toBeLessThan(rate * 1.2);
}, 60_000);

test("a run whose stage is gone fails with the reason, and a set in which all failed has failed", async () => {
  const stage = await insertRuns(2, "failed");
  const { id } = await createBulk(database.ctx, { kind: "retry", tree: treeOf(`stage=${stage}`), rate: 50 });
  await startWorker();
  expect(await ended(id)).toMatchObject({ status: "failed", failed: 2, done: 0 });
  expect((await allRuns(id))[0]?.message).toContain(stage);
  const { rows } = await listBulkRuns(database.ctx, id, { status: "failed", limit: 1 });
  expect(rows).toHaveLength(1);
}, 60_000);

test("a full house of long units does not keep a cancellation waiting", async () => {
  const worker = await startWorker();
  const { runId } = await triggerRun(database.ctx, { pipeline: "lab", stage: "third", params: { units: 8, items: 1_000, sleepMs: 50 } });
  await waitFor("units to fill the worker", async () => (await database.db.runUnit.count({ where: { runId, status: "running" } })) === 2);
  const { id } = await createBulk(database.ctx, { kind: "cancel", tree: treeOf(`q=%23${runId}`) });
  expect(await ended(id, 5_000)).toMatchObject({ done: 1 });
  await waitFor("the run to end", async () => (await database.db.run.findUnique({ where: { id: runId } }))?.status === "cancelled");
  worker.kill("SIGKILL");
}, 60_000);

test("too many, none, more than were seen: refused, and nothing is kept", async () => {
  const before = (await listBulks(database.ctx)).rows.length;
  const stage = await insertRuns(10_001, "pending");
  await expect(cancel(stage)).rejects.toMatchObject({ code: "TOO_LARGE", message: expect.stringContaining("Narrow the filter") });
  await expect(cancel("nowhere")).rejects.toMatchObject({ code: "CONFLICT" });
  const few = await insertRuns(3, "pending");
  await expect(createBulk(database.ctx, { kind: "cancel", tree: treeOf(`stage=${few}`), atMost: 2 })).rejects.toMatchObject({ code: "CONFLICT", details: { count: 3 } });
  await expect(createBulk(database.ctx, { kind: "cancel", tree: null, rate: 51 })).rejects.toThrow();
  expect((await listBulks(database.ctx)).rows.length).toBe(before);
  await expect(getBulk(database.ctx, 999_999)).rejects.toMatchObject({ code: "NOT_FOUND" });
}, 60_000);
