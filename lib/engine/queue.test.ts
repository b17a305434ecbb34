/** Who may begin, and who comes first: keys, lines, limits, priorities, fairness, pauses. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ctx } from "#lib/ctx";
import { PIPELINES } from "#lib/pipelines/registry";
import { ROOT } from "#lib/root";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { lab } from "#lib/testing/lab";
import { person } from "#lib/testing/people";
import { waitFor } from "#lib/testing/wait";
import { listWaits } from "#lib/waits/queries";
import { TURN_EVERY } from "#lib/waits/rules";
import { startWorker, type RunningWorker } from "#lib/worker/main";
import { cancelRun } from "./cancel.ts";
import { pause, resume, setLimit } from "./control.ts";
import { retryRun } from "./retry.ts";
import { triggerAll, triggerRun, type TriggerInput } from "./trigger.ts";

let database: TestDatabase;
const workers = new Set<RunningWorker>();
const children = new Set<ChildProcess>();
beforeAll(async () => {
  PIPELINES.push(lab);
  database = await cloneDatabase();
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  for (const worker of workers) await worker.stop();
  await database.drop();
});

async function withWorkers<T>(count: number, concurrency: number, fn: () => Promise<T>): Promise<T> {
  const started = await Promise.all(Array.from({ length: count }, () => startWorker({ url: database.url, concurrency, onFatal: (error) => { throw error; } })));
  for (const worker of started) workers.add(worker);
  try {
    return await fn();
  } finally {
    for (const worker of started) await worker.stop().then(() => workers.delete(worker));
  }
}

const start = (stage: string, params: Record<string, unknown> = {}, more: Partial<TriggerInput> = {}) => triggerRun(database.ctx, { pipeline: "lab", stage, params, ...more });
const read = (runId: number) => database.db.run.findUniqueOrThrow({ where: { id: runId } });
const ended = (runId: number, timeoutMs = 60_000) => waitFor(`run ${runId} to end`, async () => {
  const run = await read(runId);
  return run.completedAt && run;
}, timeoutMs);
const waitOf = async (runId: number, ctx: Ctx = database.ctx) => (await listWaits(ctx, [runId])).get(runId) ?? null;

/** As a client does: asks again with the same key while the server has no connection to spare. */
async function ask(onBusy: TriggerInput["onBusy"], idempotencyKey: string): Promise<Awaited<ReturnType<typeof start>>> {
  for (;;) {
    try {
      return await start("patient", {}, { onBusy, idempotencyKey });
    } catch (error) {
      if (!/Unable to start a transaction|timeout exceeded when trying to connect/.test(String(error))) throw error;
    }
  }
}

test.each([
  ["reject", { made: 1, joined: 0, refused: 499, inLine: 0 }],
  ["join", { made: 1, joined: 499, refused: 0, inLine: 0 }],
  ["queue", { made: 500, joined: 0, refused: 0, inLine: 499 }],
] as const)("500 triggers at once of one key, %s: one run has it", async (onBusy, expected) => {
  const results = await Promise.all(Array.from({ length: 500 }, (_, n) => ask(onBusy, `${onBusy}/${n}`).catch((error) => error as { code: string })));
  const tally = {
    made: results.filter((one) => "created" in one && one.created).length,
    joined: results.filter((one) => "joined" in one && one.joined).length,
    refused: results.filter((one) => "code" in one && one.code === "CONFLICT").length,
    inLine: results.filter((one) => "inLine" in one && one.inLine).length,
  };
  const faults = results.filter((one) => one instanceof Error && (one as { code?: string }).code !== "CONFLICT").map(String);
  expect({ ...tally, faults }).toEqual({ ...expected, faults: [] });
  const having = await database.db.run.findMany({ where: { stage: "patient", status: { in: ["pending", "running"] }, inLine: false } });
  expect(having).toHaveLength(1);
  await database.db.$executeRaw`update runs set cancel_requested_at = now() where stage = 'patient' and in_line and status = 'pending'`;
  for (const { id } of await database.db.run.findMany({ where: { stage: "patient", status: "pending", inLine: true } })) await cancelRun(database.ctx, { runId: Number(id) });
  await cancelRun(database.ctx, { runId: Number(having[0]?.id) });
}, 60_000);

test("the line is bounded, and a retry stands in it or is refused, but joins nobody", async () => {
  const { runId } = await start("patient");
  await database.db.$executeRaw`
    insert into runs (pipeline, stage, exclusive_key, in_line) select 'lab', 'patient', 'lab/patient', true from generate_series(1, 1000)`;
  await expect(start("patient")).rejects.toMatchObject({ code: "CONFLICT", details: { runId } });
  await database.db.$executeRaw`delete from runs where stage = 'patient' and in_line`;

  const { runId: failed } = await start("social");
  await cancelRun(database.ctx, { runId: failed });
  const { runId: going } = await start("social");
  await expect(retryRun(database.ctx, { runId: failed })).rejects.toMatchObject({ code: "CONFLICT", details: { runId: going } });
  expect(await retryRun(database.ctx, { runId: failed, onBusy: "queue" })).toMatchObject({ created: true, inLine: true });
  await cancelRun(database.ctx, { runId: going });
  await cancelRun(database.ctx, { runId });
  await withWorkers(1, 2, () => waitFor("all to end", async () => (await database.db.run.count({ where: { status: { in: ["pending", "running"] } } })) === 0));
});

async function spawnWorker(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--conditions=react-server", "--disable-warning=ExperimentalWarning", join(ROOT, "lib/testing/lab-worker.ts"), database.url], { stdio: ["ignore", "pipe", "inherit"], cwd: ROOT });
  children.add(child);
  child.once("exit", () => children.delete(child));
  await once(child.stdout!, "data");
  return child;
}

test("a line is kept in order while workers are killed: one at a time, first come first served", async () => {
  const ids: number[] = [];
  for (let n = 0; n < 12; n += 1) ids.push((await start("patient", { units: 3, sleepMs: 60 })).runId);
  await cancelRun(database.ctx, { runId: ids[5]! });
  let worker = await spawnWorker();
  for (let kill = 0; kill < 4; kill += 1) {
    const done = await database.db.run.count({ where: { id: { in: ids }, completedAt: { not: null } } });
    await waitFor("another to end", async () => (await database.db.run.count({ where: { id: { in: ids }, completedAt: { not: null } } })) > done, 30_000);
    worker.kill("SIGKILL");
    worker = await spawnWorker();
  }
  for (const id of ids) await ended(id);
  worker.kill("SIGKILL");
  const runs = await database.db.run.findMany({ where: { id: { in: ids.filter((id) => id !== ids[5]) } }, orderBy: { id: "asc" } });
  expect(runs.every(({ status }) => status === "completed")).toBe(true);
  for (const [index, run] of runs.entries()) {
    const before = runs[index - 1];
    if (before) expect(run.startedAt!.getTime()).toBeGreaterThanOrEqual(before.completedAt!.getTime());
  }
}, 120_000);

test("run all while it goes on: each stage of the second group stands in line behind that of the first", async () => {
  await withWorkers(1, 4, async () => {
    const first = await triggerAll(database.ctx, { pipeline: "lab", params: { units: 2, items: 5, sleepMs: 10 } });
    await expect(triggerAll(database.ctx, { pipeline: "lab" })).rejects.toMatchObject({ code: "CONFLICT" });
    const second = await triggerAll(database.ctx, { pipeline: "lab", params: { units: 1, items: 1 }, onBusy: "queue" });
    for (const id of [...first.runIds, ...second.runIds]) expect(await ended(id)).toMatchObject({ status: "completed" });
    const [a, b] = [await read(first.runIds[2]!), await read(second.runIds[2]!)];
    expect(b.startedAt!.getTime()).toBeGreaterThanOrEqual(a.completedAt!.getTime());
  });
}, 60_000);

/** The most that were held at the same moment, by what the steps wrote down of themselves. */
async function overlap(stage: string): Promise<number> {
  const [row] = await database.db.$queryRaw<{ most: number }[]>`
    with held as (select s.started_at, s.completed_at from run_steps s join runs r on r.id = s.run_id where r.stage = ${stage} and s.step_name = 'hold' and s.completed_at is not null)
    select coalesce(max((select count(*) from held b where b.started_at <= a.started_at and b.completed_at > a.started_at)), 0)::int as most from held a`;
  return row?.most ?? 0;
}

test("a limit is never exceeded by two workers, is reached, and can be changed meanwhile", async () => {
  await withWorkers(2, 8, async () => {
    const ids = await Promise.all(Array.from({ length: 4 }, async () => (await start("narrow", { units: 15, sleepMs: 25 })).runId));
    for (const id of ids) expect(await ended(id)).toMatchObject({ status: "completed", unitsDone: 15 });
    expect(await overlap("narrow")).toBe(3);
    expect(await setLimit(database.ctx, { pipeline: "lab", stage: "narrow", limit: 1 })).toEqual({ ok: true, limit: 1, declared: 3 });
    await database.db.$executeRaw`delete from run_steps`;
    const { runId } = await start("narrow", { units: 12, sleepMs: 25 });
    await waitFor("two units", async () => (await read(runId)).unitsDone >= 2);
    expect(await overlap("narrow")).toBe(1);
    await setLimit(database.ctx, { pipeline: "lab", stage: "narrow", limit: 6 });
    await ended(runId);
    expect(await overlap("narrow")).toBeGreaterThan(1);
    expect(await overlap("narrow")).toBeLessThanOrEqual(6);
    expect(await setLimit(database.ctx, { pipeline: "lab", stage: "narrow", limit: null })).toEqual({ ok: true, limit: 3, declared: 3 });
    expect((await setLimit(database.ctx, { pipeline: "lab", stage: "narrow", limit: null })).ok).toBe(false);
  });
  const acts = await database.db.runEvent.findMany({ where: { type: "stage.limited" }, orderBy: { id: "asc" } });
  expect(acts.map(({ actor, data }) => [actor, (data as { limit: number | null }).limit])).toEqual([["test", 1], ["test", 6], ["test", null]]);
  await expect(setLimit(database.ctx, { pipeline: "lab", stage: "narrow", limit: 0 })).rejects.toThrow(/pause/);
}, 60_000);

test("a run of 20,000 units does not starve a run of one, nor is its wave given its jobs at once", async () => {
  const { runId: large } = await start("swarm", { units: 20_000, sleepMs: 0 });
  await withWorkers(1, 4, async () => {
    await waitFor("some units", async () => (await read(large)).unitsDone > 50);
    const [queue] = await database.db.$queryRaw<{ n: number }[]>`select count(*)::int as n from graphile_worker.jobs`;
    expect(queue!.n).toBeLessThan(30);
    for (let n = 0; n < 3; n += 1) {
      const { runId: small } = await start("swarm");
      const run = await ended(small, 10_000);
      expect(run.completedAt!.getTime() - run.createdAt.getTime()).toBeLessThan(5_000);
    }
    expect((await read(large)).completedAt).toBeNull();
    await cancelRun(database.ctx, { runId: large });
    await ended(large);
  });
}, 90_000);

test("priorities: what a person asks for goes before a schedule's backlog, and that before what is retried in bulk", async () => {
  const schedule: Ctx = { ...database.ctx, actor: { kind: "worker", name: "nightly" } };
  const lowest = (await start("swarm", { units: 20 }, { priority: "lowest" })).runId;
  const low = (await triggerRun(schedule, { pipeline: "lab", stage: "swarm", params: { units: 20 } })).runId;
  const normal = (await start("swarm", { units: 20 })).runId;
  const high = (await start("swarm", { units: 20 }, { priority: "high" })).runId;
  await withWorkers(1, 1, async () => {
    const runs = await Promise.all([high, normal, low, lowest].map((id) => ended(id)));
    expect(runs.map(({ priority }) => priority)).toEqual(["high", "normal", "low", "lowest"]);
    const times = runs.map(({ completedAt }) => completedAt!.getTime());
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });
}, 60_000);

test.each([["swarm", null], ["narrow", 2]] as const)("%s: however much of a higher priority waits, a lower one gets every sixteenth turn, also under a limit", async (stage, limit) => {
  await setLimit(database.ctx, { pipeline: "lab", stage: "narrow", limit });
  const low = (await start(stage, { units: 2 }, { priority: "low" })).runId;
  const high: number[] = [];
  for (let n = 0; n < 40; n += 1) high.push((await start(stage, { units: 10 }, { priority: "high" })).runId);
  await withWorkers(1, limit ?? 1, async () => {
    const run = await ended(low);
    expect(run).toMatchObject({ status: "completed", unitsDone: 2 });
    // Three turns, of the planning unit and the two others; what is in flight besides, and what is parked a second time, is in the slack.
    const before = await database.db.runUnit.count({ where: { runId: { in: high.map(BigInt) }, completedAt: { lt: run.completedAt! } } });
    expect(before).toBeGreaterThan(TURN_EVERY);
    expect(before).toBeLessThan((limit === null ? 4 : 8) * TURN_EVERY);
    for (const id of high) await ended(id);
  });
  await setLimit(database.ctx, { pipeline: "lab", stage: "narrow", limit: null });
}, 90_000);

test("paused in the middle nothing new starts; triggers wait; resumed, nothing is lost", async () => {
  await withWorkers(2, 4, async () => {
    const { runId } = await start("swarm", { units: 60, sleepMs: 20 });
    await waitFor("some units", async () => (await read(runId)).unitsDone > 5);
    expect(await pause(database.ctx, { pipeline: "lab", stage: "swarm", reason: " The quota is used up. " })).toMatchObject({ ok: true, pausedBy: "test", reason: "The quota is used up." });
    expect(await pause(database.ctx, { pipeline: "lab", stage: "swarm", reason: "again" })).toMatchObject({ ok: false, reason: "The quota is used up." });
    await waitFor("what is in flight to end", async () => (await database.db.runUnit.count({ where: { runId, status: "running" } })) === 0);
    const { unitsDone } = await read(runId);
    const { runId: later } = await start("swarm", { units: 2 });
    const { runId: other } = await start("patient");
    await ended(other);
    expect(await read(later)).toMatchObject({ status: "pending" });
    expect((await read(runId)).unitsDone).toBe(unitsDone);
    expect(await waitOf(runId)).toMatchObject({ reason: "pause", text: expect.stringMatching(/^Stage lab\/swarm is paused by test since .* UTC: The quota is used up\.$/) });
    expect(await waitOf(later)).toMatchObject({ reason: "pause" });
    expect(await resume(database.ctx, { pipeline: "lab", stage: "swarm" })).toEqual({ ok: true });
    expect(await resume(database.ctx, { pipeline: "lab", stage: "swarm" })).toEqual({ ok: false });
    expect(await ended(runId)).toMatchObject({ status: "completed", unitsDone: 60 });
    expect(await ended(later)).toMatchObject({ status: "completed", unitsDone: 2 });
  });
  const acts = await database.db.runEvent.findMany({ where: { type: { startsWith: "stage." }, NOT: { type: "stage.limited" } }, orderBy: { id: "asc" } });
  expect(acts.map(({ type, actor }) => `${actor} ${type}`)).toEqual(["test stage.paused", "test stage.resumed"]);
}, 60_000);

test("a paused pipeline holds all its stages, also one that is resumed by itself; a run that waits so can be cancelled", async () => {
  await pause(database.ctx, { pipeline: "lab" });
  await pause(database.ctx, { pipeline: "lab", stage: "swarm" });
  await withWorkers(1, 4, async () => {
    const { runId } = await start("swarm");
    const { runId: never } = await start("first");
    await waitFor("them to be parked", async () => (await database.db.runUnit.count({ where: { parkedIn: { not: null }, status: "pending" } })) === 2);
    await resume(database.ctx, { pipeline: "lab", stage: "swarm" });
    expect(await waitOf(runId)).toMatchObject({ reason: "pause", text: expect.stringContaining("Pipeline lab is paused by test") });
    await cancelRun(database.ctx, { runId: never });
    expect((await read(never)).status).toBe("cancelled");
    await resume(database.ctx, { pipeline: "lab" });
    await ended(runId);
  });
}, 60_000);

test("one person has 1,000 runs in wait at most; the next is refused and leaves nothing, others are not held up, the same key again is its run", async () => {
  const ann: Ctx = { ...database.ctx, actor: { ...person("ann", "operator"), userId: "u-ann" } };
  await database.ctx.db.$executeRaw`insert into runs (pipeline, stage, params, config_snapshot, triggered_by, created_by, exclusive_key, in_line) select 'lab', 'first', '{}', '{}', 'web', 'ann', 'quota', true from generate_series(1, 999)`;
  const mine = (idempotencyKey: string, ctx = ann) => triggerRun(ctx, { pipeline: "lab", stage: "first", params: {}, idempotencyKey, onBusy: "queue" });
  const { runId } = await mine("quota-1");
  const count = () => database.ctx.db.run.count({ where: { createdBy: "ann" } });
  expect(await count()).toBe(1_000);
  await expect(mine("quota-2")).rejects.toMatchObject({ code: "TOO_MANY", message: expect.stringContaining("1000 runs of ann") });
  expect(await count()).toBe(1_000);
  expect(await mine("quota-1")).toMatchObject({ runId, created: false });
  expect(await mine("quota-3", { ...ann, actor: { ...person("ben", "operator"), userId: "u-ben" } })).toMatchObject({ created: true });
});
