import { afterAll, beforeAll, expect, it } from "vitest";
import { getRun } from "#lib/runs/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { createCauseRule, deleteCauseRule, saveCauseRule } from "./mutations.ts";
import { getCauseRule, listCauseRules } from "./queries.ts";
import { MAX_CAUSE_RULES } from "./rules.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await cloneDatabase();
});
afterAll(() => test.drop());

it("a cause that is written down is what a run of before shows; edited and removed, it changes with it", async () => {
  const { id: runId } = await test.db.run.create({ data: { pipeline: "lab", stage: "first", status: "failed", completedAt: new Date(), errorClass: "Error", errorMessage: "The pump is dry" }, select: { id: true } });
  const read = async () => (await getRun(test.ctx, Number(runId))).cause;
  expect(await read()).toBeNull();
  const { id } = await createCauseRule(test.ctx, { pattern: "pump * dry", kind: "wildcard", title: "No water", hint: "Open the valve", stage: "first" });
  expect(await read()).toEqual({ title: "No water", hint: "Open the valve" });
  await saveCauseRule(test.ctx, { id, pattern: "pump", title: "No water at all", hint: "Open the valve", stage: "" });
  expect(await read()).toMatchObject({ title: "No water at all" });
  expect(await getCauseRule(test.ctx, id)).toMatchObject({ kind: "contains", stage: null, updatedBy: "test" });
  await deleteCauseRule(test.ctx, { id });
  await deleteCauseRule(test.ctx, { id });
  expect(await read()).toBeNull();
  await expect(saveCauseRule(test.ctx, { id, pattern: "pump", title: "x", hint: "y" })).rejects.toMatchObject({ code: "NOT_FOUND" });
});

it("what fits everything, says nothing or is too long is refused; rules are asked in the order of their positions", async () => {
  for (const bad of [{ pattern: "ab" }, { pattern: "* * *" }, { pattern: "x".repeat(301) }, { title: " " }, { hint: "" }, { stage: "No Name" }]) {
    await expect(createCauseRule(test.ctx, { pattern: "good", title: "t", hint: "h", ...bad })).rejects.toThrow(expect.objectContaining({ name: "ZodError" }));
  }
  await createCauseRule(test.ctx, { pattern: "same", title: "Later", hint: "h", position: 2 });
  await createCauseRule(test.ctx, { pattern: "same", title: "Sooner", hint: "h", position: 1 });
  expect((await listCauseRules(test.ctx)).map(({ title }) => title)).toEqual(["Sooner", "Later"]);
});

it("there are never more than may be, however many are added at once", async () => {
  await test.db.causeRule.createMany({ data: Array.from({ length: MAX_CAUSE_RULES - 5 }, () => ({ pattern: "many", title: "t", hint: "h", createdBy: "test", updatedBy: "test" })) });
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => createCauseRule(test.ctx, { pattern: "many", title: "t", hint: "h" })));
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
  expect(await test.db.causeRule.count()).toBe(MAX_CAUSE_RULES);
});
