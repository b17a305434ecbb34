import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { PIPELINES } from "#lib/pipelines/registry";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { admin } from "#lib/testing/people";
import { lab } from "#lib/testing/lab";
import { MAX_SCHEDULES } from "./fields.ts";
import { createSchedule, deleteSchedule, pauseSchedule, type ScheduleInput, saveSchedule } from "./mutations.ts";
import { findSchedule, getSchedule, listSchedules } from "./queries.ts";

let test: TestDatabase;
beforeAll(async () => {
  PIPELINES.push(lab);
  test = await cloneDatabase();
});
beforeEach(async () => void (await test.db.schedule.deleteMany()));
afterAll(() => test.drop());

const NIGHTLY: ScheduleInput = { name: "Nightly", pipeline: "lab", stage: "first", cron: "0 3 * * *", zone: "Europe/Berlin", params: { units: 5 } };

it("is kept as it was given, with when it comes next, in words and five times ahead", async () => {
  const { id } = await createSchedule(test.ctx, { ...NIGHTLY, cron: " 0  3 * * * " });
  const schedule = await getSchedule(test.ctx, id);
  expect(schedule).toMatchObject({ ...NIGHTLY, cronInWords: "At 03:00", misfire: "skip", overlap: "skip", paused: false, health: "new", version: 1, createdBy: "test" });
  expect(schedule.slotsAhead).toHaveLength(5);
  expect(schedule.nextSlot).toEqual(schedule.slotsAhead[0]);
  expect((await listSchedules(test.ctx)).map(({ name }) => name)).toEqual(["Nightly"]);
  for (const ref of ["Nightly", String(id), `#${id}`]) expect((await findSchedule(test.ctx, ref)).id).toBe(id);
  await expect(findSchedule(test.ctx, "nothing")).rejects.toMatchObject({ code: "NOT_FOUND", message: expect.stringContaining("Nightly") });
});

it.each([
  [{ name: " " }, "Give it a name."],
  [{ name: "12" }, "more than digits"],
  [{ name: "a\nb" }, "control characters"],
  [{ cron: "* * *" }, "3 fields"],
  [{ zone: "Mars/X" }, "no time zone"],
  [{ stage: "nope" }, "no stage"],
  [{ pipeline: "nope" }, "no pipeline"],
  [{ params: { units: -1 } }, "units"],
  [{ params: { nonsense: 1 } }, "nonsense"],
  [{ stage: null, params: { nonsense: 1 } }, "nonsense"],
  [{ stage: null, params: { units: 5_000 } }, "units"],
  [{ stage: null, params: {}, overlap: "join" }, "joins no run"],
  [{ priority: "urgent" }, "priority"],
  [{ extra: 1 }, "extra"],
])("refuses %j", async (bad, message) => {
  await expect(Promise.resolve().then(() => createSchedule(test.ctx, { ...NIGHTLY, ...bad } as ScheduleInput))).rejects.toThrow(message);
  expect(await test.db.schedule.count()).toBe(0);
});

it("of two that take a name at once one gets it, and one that is saved may not take it either", async () => {
  const results = await Promise.allSettled([1, 2, 3, 4].map(() => createSchedule(test.ctx, NIGHTLY)));
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  const { id } = await createSchedule(test.ctx, { ...NIGHTLY, name: "Other" });
  await expect(saveSchedule(test.ctx, { ...NIGHTLY, id })).rejects.toMatchObject({ code: "MISMATCH", faults: [{ path: "name" }] });
  await saveSchedule(test.ctx, { ...NIGHTLY, name: "Other", id });
});

it("saved over what one has not seen it is refused; deleted it is gone", async () => {
  const { id } = await createSchedule(test.ctx, NIGHTLY);
  await saveSchedule({ ...test.ctx, actor: admin("ann") }, { ...NIGHTLY, id, version: 1, zone: "UTC" });
  await expect(saveSchedule(test.ctx, { ...NIGHTLY, id, version: 1 })).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining("ann") });
  await pauseSchedule(test.ctx, { id });
  await saveSchedule(test.ctx, { ...NIGHTLY, id, version: 3, cron: "@hourly" });
  expect(await getSchedule(test.ctx, id)).toMatchObject({ cron: "@hourly", paused: false, version: 4, nextSlot: expect.any(Date) });
  await deleteSchedule(test.ctx, { id });
  for (const verb of [() => deleteSchedule(test.ctx, { id }), () => getSchedule(test.ctx, id), () => saveSchedule(test.ctx, { ...NIGHTLY, id })]) {
    await expect(verb()).rejects.toMatchObject({ code: "NOT_FOUND" });
  }
});

it("there are never more than may be", async () => {
  await test.db.$executeRaw`insert into schedules (name, pipeline, stage, cron, zone, paused, created_by, updated_by) select 'n ' || n, 'lab', 'first', '@daily', 'UTC', true, 't', 't' from generate_series(1, ${MAX_SCHEDULES - 2}::int) n`;
  const results = await Promise.allSettled([1, 2, 3, 4].map((n) => createSchedule(test.ctx, { ...NIGHTLY, name: `more ${n}` })));
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
  const began = performance.now();
  expect(await listSchedules(test.ctx)).toHaveLength(MAX_SCHEDULES);
  expect(performance.now() - began).toBeLessThan(3_000);
});
