import { afterAll, beforeAll, expect, it } from "vitest";
import { getFacets, listNames } from "#lib/facets/queries";
import { readFilterParams } from "#lib/filters/params";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { type OracleRun, seedOracle } from "#lib/testing/filter-oracle";

let test: TestDatabase;
let runs: OracleRun[];
beforeAll(async () => {
  test = await cloneDatabase();
  runs = await seedOracle(test.db);
});
afterAll(() => test.drop());

const P = "system/pipeline_run.";
const valuesOf: Record<string, (run: OracleRun) => (string | null)[]> = {
  [`${P}status`]: (run) => [run.status],
  [`${P}stage`]: (run) => [run.stage],
  [`${P}pipeline`]: (run) => [run.pipeline],
  [`${P}triggered_by`]: (run) => [run.triggeredBy],
  [`${P}created_by`]: (run) => [run.createdBy],
  [`${P}outcome`]: (run) => [run.outcome],
  [`${P}subject.symbol`]: (run) => run.subjects.map(([, value]) => value),
  team: (run) => [run.annotations.get("team") ?? null],
};

it.each(Object.keys(valuesOf))("%s: each value among the runs that match the rest, whatever is asked of it itself", async (key) => {
  const { tree } = readFilterParams(new URLSearchParams("status=failed&status=completed&pipeline=mail&not.outcome=BUY&annotation.team=red&subject.symbol=EURUSD"));
  for (const asked of [null, tree]) {
    const rest = runs.filter((run) => asked === null || (
      (key === `${P}status` || ["failed", "completed"].includes(run.status)) && (key === `${P}pipeline` || run.pipeline === "mail") && (key === `${P}outcome` || run.outcome !== "BUY")
      && (key === "team" || run.annotations.get("team") === "red") && (key === `${P}subject.symbol` || run.subjects.some(([, value]) => value === "EURUSD"))));
    const expected = Map.groupBy(rest.flatMap((run) => valuesOf[key]?.(run) ?? []).filter((value) => value), (value) => value);
    const { values, ofNewest } = await getFacets(test.ctx, { tree: asked, key });
    expect(new Map(values.map(({ value, count }) => [value, count]))).toEqual(new Map([...expected].map(([value, list]) => [value, list.length])));
    expect(ofNewest).toBeNull();
  }
});

it.each(["status", "stage", "pipeline", "triggered_by"])("%s: also where no statistics are kept of the rest, such as of items", async (field) => {
  const key = `${P}${field}`;
  const { tree } = readFilterParams(new URLSearchParams("items=0..&outcome=BUY"));
  const expected = Map.groupBy(runs.filter((run) => run.outcome === "BUY").flatMap((run) => valuesOf[key]?.(run) ?? []), (value) => value);
  const { values, ofNewest } = await getFacets(test.ctx, { tree, key });
  expect(expected.size).toBeGreaterThan(0);
  expect(new Map(values.map(({ value, count }) => [value, count]))).toEqual(new Map([...expected].map(([value, list]) => [value, list.length])));
  expect(ofNewest).toBeNull();
});

it("refuses a field that has none, and knows the names there are", async () => {
  await expect(getFacets(test.ctx, { tree: null, key: `${P}items` })).rejects.toMatchObject({ code: "INVALID" });
  expect(await listNames(test.ctx)).toEqual({ subjects: ["symbol"], annotations: expect.arrayContaining(["team"]) });
});
