import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sql } from "#lib/db/client";
import { parseFilter } from "#lib/filters/filter";
import { filterCondition } from "#lib/filters/sql/condition";
import { resolveMe } from "#lib/filters/rules";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { evaluate, filterTrees, type OracleRun, seedOracle } from "#lib/testing/filter-oracle";

let test: TestDatabase;
let runs: OracleRun[];
beforeAll(async () => {
  test = await cloneDatabase();
  runs = await seedOracle(test.db);
});
afterAll(() => test.drop());

const matching = async (tree: unknown, user: string | null): Promise<number[]> => {
  const condition = filterCondition(resolveMe(parseFilter(tree), user));
  const rows = await test.db.$queryRaw<{ id: bigint }[]>`select r.id from runs r where ${condition} order by r.id`;
  return rows.map(({ id }) => Number(id));
};
const ids = (keep: (run: OracleRun) => boolean) => runs.filter(keep).map(({ id }) => id);
const createdBy = (value: string) => ({ value_equals: { key: "system/pipeline_run.created_by", value } });

it("finds the same runs as a naive evaluation, for 2,500 generated trees", async () => {
  const sizes = { none: 0, some: 0, all: 0 };
  await fc.assert(
    fc.asyncProperty(filterTrees, fc.constantFrom("ann", "ünal", null), async (tree, user) => {
      const found = await matching(tree, user);
      expect(found).toEqual(ids((run) => evaluate(tree, run, user)));
      sizes[found.length === 0 ? "none" : found.length === runs.length ? "all" : "some"] += 1;
    }),
    { numRuns: 2_500 },
  );
  // An oracle over trees that match nothing, or everything, would prove nothing.
  expect(sizes.some).toBeGreaterThan(1_000);
}, 120_000);

it("me: the user's own runs; without a user nobody's, least of all those without a creator", async () => {
  expect(await matching({ and: [createdBy("me")] }, "ann")).toEqual(ids((run) => run.createdBy === "ann"));
  expect(await matching({ and: [createdBy("me")] }, null)).toEqual([]);
  expect(await matching({ and: [{ value_in: { key: "system/pipeline_run.created_by", values: ["me", "bob"] } }] }, null)).toEqual(ids((run) => run.createdBy === "bob"));
  expect(await matching({ and: [{ not: createdBy("me") }] }, null)).toHaveLength(runs.length);
  expect(await matching({ and: [createdBy("")] }, null)).toEqual(ids((run) => !run.createdBy));
});

it("start inclusive, end exclusive, and finer than milliseconds still so", async () => {
  const range = (start_time: string, end_time: string) => ({ and: [{ time_range: { key: "system/pipeline_run.date.created_at", start_time, end_time } }] });
  const [first] = runs as [OracleRun];
  const at = new Date(first.createdAt).toISOString();
  expect(await matching(range(at, at), null)).toEqual([]);
  expect(await matching(range(at, at.replace("000Z", "000001Z")), null)).toEqual(ids((run) => run.createdAt === first.createdAt));
  expect(await matching(range(at.replace("000Z", "000001Z"), at.replace("000Z", "001Z")), null)).toEqual([]);
});

it("asks by parameters only: a hostile text is a value", async () => {
  const condition = filterCondition(resolveMe(parseFilter({ or: [{ value_contains: { key: "x' or 1=1 --", value_substring: "'; drop table runs; --" } }] }), null));
  expect(condition.sql).not.toMatch(/drop|1=1/);
  expect(await test.db.$queryRaw`select r.id from runs r where ${condition}`).toEqual([]);
  expect(sql`${condition}`.values).toContain("x' or 1=1 --");
});
