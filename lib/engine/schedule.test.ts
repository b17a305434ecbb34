/** The clock starts what is due, once, whoever looks, whatever dies. No worker runs here: runs stay pending until a test ends them. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Ctx } from "#lib/ctx";
import { openDb } from "#lib/db/client";
import { PIPELINES } from "#lib/pipelines/registry";
import { KEPT_SLOTS, MAX_MISSED } from "#lib/schedules/fields";
import { createSchedule, pauseSchedule, resumeSchedule, type ScheduleInput, saveSchedule } from "#lib/schedules/mutations";
import { getSchedule, listNextStarts, listSlots } from "#lib/schedules/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { lab } from "#lib/testing/lab";
import { waitFor } from "#lib/testing/wait";
import { startWorker } from "#lib/worker/main";
import { definePipeline, defineStage } from "./define.ts";
import { runScheduleNow, tickSchedules } from "./schedule.ts";
import { triggerRun } from "./trigger.ts";

let database: TestDatabase;
let ctx: Ctx;
/** Many stages that do nothing, so that schedules do not stand in each other's way; and one that lets its runs overlap. */
const wide = definePipeline("wide", {
  title: "Wide",
  description: "For tests",
  stages: Array.from({ length: 50 }, (_, n) => {
    const { params, plan, unit, rows, waiting } = lab.stages[0]!;
    return { ...defineStage(`s${n}`, { title: "s", description: "s", itemsName: "items", rowsName: "rows", rows, waiting, params: params as never, plan: plan as never, unit: unit as never }), ...(n === 49 && { exclusive: () => null }) };
  }),
});

beforeAll(async () => {
  PIPELINES.push(lab, wide);
  database = await cloneDatabase();
  ctx = { db: database.db, actor: { kind: "worker", name: "test worker" } };
});
afterEach(async () => {
  await database.db.schedule.deleteMany();
  await database.db.run.deleteMany();
});
afterAll(() => database.drop());

const make = async (name: string, more: Partial<ScheduleInput> = {}) => (await createSchedule(database.ctx, { name, pipeline: "lab", stage: "first", cron: "* * * * *", zone: "UTC", ...more })).id;
/** As if no worker had looked for so long: the next slot is the first after then. Whole minutes. */
const missFor = (id: number, minutes: number) => database.db.$executeRaw`update schedules set last_slot = null, next_slot = date_trunc('minute', clock_timestamp()) - ${minutes}::int * interval '1 min' where id = ${id}`;
/** Leaves time before the next whole minute, so that no slot comes by itself in the middle of a test. */
const awayFromMinute = () => waitFor("the minute to be young", async () => new Date().getSeconds() < 50, 15_000);
const outcomes = async (id: number) => (await listSlots(ctx, id)).rows.map(({ outcome }) => outcome).toReversed().join(" ");
const endRuns = () => database.db.run.updateMany({ where: { completedAt: null }, data: { status: "completed", completedAt: new Date() } });

test("eight that look at once over fifty due schedules: one run a slot, and its job", async () => {
  await awayFromMinute();
  const ids = [];
  for (let n = 0; n < 50; n += 1) ids.push(await make(`wide ${n}`, { pipeline: "wide", stage: `s${n}`, overlap: "queue" }));
  for (const id of ids) await missFor(id, 0);
  const clients = Array.from({ length: 8 }, () => openDb(database.url, 2));
  await Promise.all(clients.flatMap((db) => [tickSchedules({ ...ctx, db }), tickSchedules({ ...ctx, db })]));
  await Promise.all(clients.map((db) => db.$disconnect()));

  const slots = await database.db.scheduleSlot.findMany({ include: { run: true } });
  expect(slots).toHaveLength(50);
  expect(slots.every(({ outcome, run }) => outcome === "started" && run?.triggeredBy === "schedule" && /^wide \d+$/.test(run.createdBy ?? ""))).toBe(true);
  expect(await database.db.run.count()).toBe(50);
  const [jobs] = await database.db.$queryRaw<{ n: bigint }[]>`select count(*) as n from graphile_worker.jobs`;
  expect(Number(jobs?.n)).toBe(50);
  expect(await database.db.runEvent.count({ where: { type: "run.pending", data: { path: ["triggeredBy"], equals: "schedule" } } })).toBe(50);
  expect(await database.db.schedule.count({ where: { nextSlot: { gt: new Date() } } })).toBe(50);
});

test("what dies in the middle leaves nothing behind, and the slot runs later", async () => {
  await awayFromMinute();
  const id = await make("killed");
  await missFor(id, 0);
  const before = await getSchedule(ctx, id);
  await expect(database.db.$transaction(async (db) => {
    await tickSchedules({ ...ctx, db });
    expect(await db.run.count()).toBe(1);
    throw new Error("killed");
  })).rejects.toThrow("killed");
  expect(await database.db.run.count()).toBe(0);
  expect(await database.db.scheduleSlot.count()).toBe(0);
  expect((await getSchedule(ctx, id)).nextSlot).toEqual(before.nextSlot);
  await tickSchedules(ctx);
  expect(await outcomes(id)).toBe("started");
  await tickSchedules(ctx);
  expect(await database.db.run.count()).toBe(1);
});

test("a slot that was decided is never decided again, even when the schedule is set back to it", async () => {
  await awayFromMinute();
  const id = await make("again");
  await missFor(id, 0);
  await tickSchedules(ctx);
  await endRuns();
  await missFor(id, 0);
  await tickSchedules(ctx);
  expect(await database.db.run.count()).toBe(1);
  expect(await outcomes(id)).toBe("started");
});

test("missed slots: left out, made up for by one run, or each in its turn", async () => {
  await awayFromMinute();
  const skip = await make("skip", { pipeline: "wide", stage: "s0", misfire: "skip", cron: "*/10 * * * *" });
  const once = await make("once", { pipeline: "wide", stage: "s1", misfire: "once" });
  const all = await make("all", { pipeline: "wide", stage: "s2", misfire: "all" });
  for (const id of [skip, once, all]) await database.db.$executeRaw`
    update schedules set next_slot = date_bin('10 min', clock_timestamp() - interval '61 s', '2026-01-01') - ${id === skip ? 20 : 4}::int * interval '1 min' where id = ${id}`;
  const missed = await database.db.schedule.findUniqueOrThrow({ where: { id: all }, select: { nextSlot: true } });
  await tickSchedules(ctx);
  expect(await outcomes(skip)).toMatch(/^skipped skipped skipped( started)?$/);
  const [first] = (await listSlots(ctx, skip)).rows.toReversed();
  expect(first?.reason).toBe("Missed: no worker was there to start it");
  expect(await outcomes(once)).toMatch(/^(skipped )+started$/);
  expect(await database.db.scheduleSlot.count({ where: { scheduleId: once, outcome: "started" } })).toBe(1);

  expect(await outcomes(all)).toMatch(/^started( waiting){4,}$/);
  expect((await listSlots(ctx, all)).rows.at(-1)?.slot).toEqual(missed.nextSlot);
  const total = await database.db.scheduleSlot.count({ where: { scheduleId: all } });
  for (let n = 1; n < total; n += 1) {
    await tickSchedules(ctx);
    await endRuns();
    await tickSchedules(ctx);
  }
  expect(await outcomes(all)).toBe(Array.from({ length: total }, () => "started").join(" "));
  const runs = await database.db.scheduleSlot.findMany({ where: { scheduleId: all }, orderBy: { slot: "asc" }, select: { runId: true } });
  expect(runs.map(({ runId }) => Number(runId))).toEqual(runs.map(({ runId }) => Number(runId)).toSorted((a, b) => a - b));
});

test("after a year without workers a schedule of every ten seconds makes up for a hundred, and tells the rest in one line", async () => {
  const id = await make("dense", { misfire: "all", cron: "*/10 * * * * *" });
  await database.db.$executeRaw`update schedules set next_slot = date_trunc('minute', clock_timestamp()) - interval '365 days' where id = ${id}`;
  const began = performance.now();
  await tickSchedules(ctx);
  expect(performance.now() - began).toBeLessThan(5_000);
  const slots = await database.db.scheduleSlot.findMany({ where: { scheduleId: id }, orderBy: { slot: "asc" } });
  expect(slots.slice(0, MAX_MISSED + 1).map(({ outcome }) => outcome).join(" ")).toMatch(/^skipped started( waiting)+$/);
  expect(slots[0]?.reason).toMatch(/^Missed, like all before \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
  expect(slots.length).toBeGreaterThanOrEqual(MAX_MISSED + 1);
});

test("while the run before goes on: left out, or one waits and starts when the stage is free", async () => {
  await awayFromMinute();
  const skip = await make("leave", { pipeline: "wide", stage: "s0" });
  const queue = await make("wait", { pipeline: "wide", stage: "s1", overlap: "queue" });
  for (const minutes of [30, 20, 10]) {
    for (const id of [skip, queue]) {
      // Each comes at its time, as it does with a worker there.
      await database.db.$executeRaw`update schedules set last_slot = null, cron = '0 0 1 1 *', next_slot = date_trunc('second', clock_timestamp()) - ${minutes}::int * interval '1 s' where id = ${id}`;
    }
    await tickSchedules(ctx);
  }
  expect(await outcomes(skip)).toBe("started skipped skipped");
  expect((await listSlots(ctx, skip)).rows[0]?.reason).toMatch(/^#\d+ was still going on$/);
  expect(await outcomes(queue)).toBe("started waiting skipped");
  expect((await listSlots(ctx, queue)).rows[0]?.reason).toBe("A slot before it still waits");
  await tickSchedules(ctx);
  expect(await outcomes(queue)).toBe("started waiting skipped");
  await endRuns();
  await tickSchedules(ctx);
  expect(await outcomes(queue)).toBe("started started skipped");
  expect((await listSlots(ctx, queue)).rows.map(({ status }) => status)).toEqual([null, "pending", "completed"]);
});

test("paused it does nothing, leaves out what waits, and goes on from now when resumed", async () => {
  await awayFromMinute();
  const id = await make("paused", { overlap: "queue", cron: "*/10 * * * * *" });
  await database.db.$executeRaw`update schedules set next_slot = date_trunc('minute', clock_timestamp()) - interval '20 s' where id = ${id}`;
  await tickSchedules(ctx);
  await database.db.scheduleSlot.updateMany({ where: { scheduleId: id, outcome: "skipped" }, data: { outcome: "waiting", reason: "test" } });
  expect(await pauseSchedule(database.ctx, { id })).toMatchObject({ ok: true });
  expect(await pauseSchedule(database.ctx, { id })).toMatchObject({ ok: false });
  expect(await database.db.scheduleSlot.count({ where: { outcome: "waiting" } })).toBe(0);
  await endRuns();
  const before = await database.db.scheduleSlot.count();
  await tickSchedules(ctx);
  expect(await database.db.scheduleSlot.count()).toBe(before);
  const { nextSlot } = await resumeSchedule(database.ctx, { id });
  expect((nextSlot?.getTime() ?? 0) - Date.now()).toBeLessThanOrEqual(10_500);
  expect(nextSlot?.getTime()).toBeGreaterThan(Date.now() - 1_000);
});

test("Run all is one group; a busy stage refuses the whole, and no part of it is left", async () => {
  await awayFromMinute();
  const id = await make("everything", { stage: null });
  await missFor(id, 0);
  await tickSchedules(ctx);
  expect(await database.db.run.count()).toBe(3);
  expect((await listSlots(ctx, id)).rows).toMatchObject([{ outcome: "started", status: "pending" }]);
  await database.db.run.updateMany({ where: { stage: { not: "third" } }, data: { status: "completed", completedAt: new Date() } });
  await missFor(id, -1);
  await database.db.$executeRaw`update schedules set next_slot = date_trunc('second', clock_timestamp()), cron = '@yearly' where id = ${id}`;
  await tickSchedules(ctx);
  expect((await listSlots(ctx, id)).rows.map(({ outcome }) => outcome)).toEqual(["skipped", "started"]);
  expect(await database.db.run.count()).toBe(3);
});

test("what can no longer be triggered is refused with the reason, and the next schedule is not held up", async () => {
  await awayFromMinute();
  const gone = await make("gone");
  const wrong = await make("wrong", { pipeline: "wide", stage: "s3", params: { units: 5 } });
  const good = await make("good", { pipeline: "wide", stage: "s4" });
  await database.db.$executeRaw`update schedules set stage = 'no-such' where id = ${gone}`;
  await database.db.$executeRaw`update schedules set params = '{"units": -1}' where id = ${wrong}`;
  for (const id of [gone, wrong, good]) await missFor(id, 0);
  await tickSchedules(ctx);
  expect((await getSchedule(ctx, gone))).toMatchObject({ health: "refused", latest: [{ outcome: "refused", reason: expect.stringContaining('no stage "no-such"') }] });
  expect((await getSchedule(ctx, wrong)).latest).toMatchObject([{ outcome: "refused", reason: expect.stringContaining("units") }]);
  expect(await outcomes(good)).toBe("started");
});

test("what another worker knows is left to it while it lives", async () => {
  await awayFromMinute();
  const id = await make("elsewhere");
  await database.db.$executeRaw`update schedules set stage = 'foreign' where id = ${id}`;
  await missFor(id, 0);
  const worker = await database.db.worker.create({ data: { host: "elsewhere", pid: 1, version: "0", concurrency: 1, stages: ["lab/foreign"], heartbeatAt: new Date() } });
  await tickSchedules(ctx);
  expect(await outcomes(id)).toBe("");
  await database.db.worker.update({ where: { id: worker.id }, data: { stoppedAt: new Date() } });
  await tickSchedules(ctx);
  expect(await outcomes(id)).toBe("refused");
});

test("a schedule that breaks is tried again, and holds up none", async () => {
  await awayFromMinute();
  const broken = await make("broken");
  const good = await make("good", { pipeline: "wide", stage: "s5" });
  await database.db.$executeRaw`update schedules set cron = 'nonsense' where id = ${broken}`;
  await missFor(broken, 1);
  await missFor(good, 0);
  await expect(tickSchedules(ctx)).rejects.toThrow("CronPattern");
  expect(await outcomes(good)).toBe("started");
  await database.db.$executeRaw`update schedules set cron = '* * * * *' where id = ${broken}`;
  await tickSchedules(ctx);
  expect(await outcomes(broken)).toMatch(/started/);
});

test("run now starts it in the asker's name, beside the clock and also when it is paused; busy, it says by what", async () => {
  const id = await make("now", { paused: true });
  const { runIds } = await runScheduleNow(database.ctx, { id });
  expect(await database.db.run.findUnique({ where: { id: runIds[0]! } })).toMatchObject({ triggeredBy: "cli", createdBy: "test" });
  expect((await listSlots(ctx, id)).rows).toMatchObject([{ outcome: "started", askedBy: "test", runId: runIds[0] }]);
  await expect(runScheduleNow(database.ctx, { id })).rejects.toMatchObject({ code: "CONFLICT", details: { runId: runIds[0] } });
  await expect(runScheduleNow(database.ctx, { id: id + 1 })).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect((await getSchedule(ctx, id)).nextSlot).toBeNull();
});

test("it remembers its last thousand slots", async () => {
  await awayFromMinute();
  const id = await make("long");
  await database.db.$executeRaw`insert into schedule_slots (schedule_id, slot, outcome, reason) select ${id}, clock_timestamp() - n * interval '1 h', 'skipped', 'test' from generate_series(1, 1500) n`;
  await missFor(id, 0);
  await tickSchedules(ctx);
  expect(await database.db.scheduleSlot.count()).toBe(KEPT_SLOTS);
  expect((await listSlots(ctx, id)).rows[0]?.outcome).toBe("started");
  const page = await listSlots(ctx, id);
  const older = await listSlots(ctx, id, page.next);
  expect(older.rows[0]!.slot.getTime()).toBeLessThan(page.rows.at(-1)!.slot.getTime());
});

test("saved with another time it goes on from now; with the same it keeps what is due; what stages start next is told", async () => {
  await awayFromMinute();
  const id = await make("saved", { overlap: "queue" });
  await missFor(id, 0);
  const due = (await getSchedule(ctx, id)).nextSlot;
  await saveSchedule(database.ctx, { id, name: "saved", pipeline: "lab", stage: "first", cron: "* * * * *" });
  expect((await getSchedule(ctx, id)).nextSlot).toEqual(due);
  await saveSchedule(database.ctx, { id, name: "saved", pipeline: "lab", stage: "first", cron: "@yearly", zone: "Europe/Berlin" });
  expect((await getSchedule(ctx, id)).nextSlot?.toISOString()).toMatch(/-12-31T23:00:00\.000Z$/);
  expect((await listNextStarts(ctx)).get("lab/first")).toMatchObject({ scheduleId: id, name: "saved" });
});

test("a worker looks by itself: within two seconds of its slot the run is there, and it ends", async () => {
  const id = await make("live", { params: { units: 1, items: 1 } });
  const worker = await startWorker({ url: database.url, concurrency: 2, onFatal: (error) => expect.unreachable(error.message) });
  try {
    await database.db.$executeRaw`update schedules set next_slot = date_trunc('second', clock_timestamp()) + interval '1 s', cron = '@yearly' where id = ${id}`;
    const slot = await waitFor("the slot to be decided", async () => (await listSlots(ctx, id)).rows[0]);
    expect(slot.decidedAt.getTime() - slot.slot.getTime()).toBeLessThan(2_000);
    await waitFor("its run to end", async () => (await listSlots(ctx, id)).rows[0]?.status === "completed");
    expect((await getSchedule(ctx, id)).health).toBe("ok");
  } finally {
    await worker.stop();
  }
});

test("its own word about a busy stage and about priority counts, whatever the stage does with others", async () => {
  await awayFromMinute();
  const goes = await triggerRun(database.ctx, { pipeline: "lab", stage: "patient" });
  const joins = await make("joins", { stage: "patient", overlap: "join", priority: "high" });
  const skips = await make("skips", { stage: "patient" });
  for (const id of [joins, skips]) await missFor(id, 0);
  await tickSchedules(ctx);
  expect(await listSlots(ctx, joins)).toMatchObject({ rows: [{ outcome: "started", runId: goes.runId, reason: `Joined #${goes.runId}, which went on already` }] });
  expect(await outcomes(skips)).toBe("skipped");
  expect(await database.db.run.count()).toBe(1);
  expect(await runScheduleNow(database.ctx, { id: joins })).toEqual({ runIds: [goes.runId] });

  await endRuns();
  await database.db.scheduleSlot.deleteMany();
  await missFor(joins, 0);
  await tickSchedules(ctx);
  const made = await database.db.run.findFirstOrThrow({ orderBy: { id: "desc" } });
  expect(made).toMatchObject({ triggeredBy: "schedule", priority: "high" });
  await endRuns();
  await database.db.scheduleSlot.deleteMany();
  await missFor(skips, 0);
  await tickSchedules(ctx);
  expect(await database.db.run.findFirstOrThrow({ orderBy: { id: "desc" } })).toMatchObject({ triggeredBy: "schedule", priority: "low" });
  await endRuns();
  const { runIds: [now = 0] } = await runScheduleNow(database.ctx, { id: skips });
  expect(await database.db.run.findUniqueOrThrow({ where: { id: now } })).toMatchObject({ priority: "normal" });
});
