import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Db } from "#lib/db/client";
import { type FilterTree, parseFilter } from "#lib/filters/filter";
import { resolveMe } from "#lib/filters/rules";
import { parseRunsRequest } from "#lib/runs/filter";
import { STATS_BY } from "#lib/stats/fields";
import { getCachedCounts, getCachedRunStats, getRunStats } from "#lib/stats/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { type OracleRun, seedOracle } from "#lib/testing/filter-oracle";

let test: TestDatabase;
let runs: OracleRun[];
beforeAll(async () => {
  test = await cloneDatabase();
  runs = await seedOracle(test.db);
  // Past the rule that calls are append-only: the oracle writes them without a cost.
  await test.db.$executeRaw`alter table llm_calls disable trigger llm_calls_append_only`;
  await test.db.$executeRaw`update llm_calls set cost_usd = 0.25`;
});
afterAll(() => test.drop());

const sum = (list: number[]) => list.reduce((total, one) => total + one, 0);
/** The smallest value that at least this share does not exceed. */
const percentile = (list: number[], share: number) => list.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * list.length) - 1)];

describe("getRunStats", () => {
  const keyOf: Record<(typeof STATS_BY)[number], (run: OracleRun) => string> = {
    status: (run) => run.status,
    stage: (run) => `${run.pipeline}/${run.stage}`,
    pipeline: (run) => run.pipeline,
    trigger: (run) => run.triggeredBy,
    day: (run) => `${new Date(run.createdAt).toISOString().slice(0, 10)}T00:00:00Z`,
    hour: (run) => `${new Date(run.createdAt).toISOString().slice(0, 13)}:00:00Z`,
  };
  it.each(STATS_BY)("by %s: each group and the whole are what adding up by hand gives", async (by) => {
    const stats = await getRunStats(test.ctx, { by, tree: null });
    const expected = Map.groupBy(runs, keyOf[by]);
    expect(stats.groups.map(({ key }) => key).toSorted()).toEqual([...expected.keys()].toSorted());
    for (const [group, own] of [...stats.groups.map((one) => [one, expected.get(one.key) ?? []] as const), [stats, runs] as const]) {
      const durations = own.flatMap(({ durationMs }) => durationMs ?? []);
      expect(group.total).toBe(own.length);
      expect(sum(Object.values(group.counts))).toBe(group.total);
      expect(group.itemsProcessed).toBe(sum(own.map(({ items }) => items)));
      expect(group.durationMs).toEqual(durations.length === 0 ? null : { p50: percentile(durations, 0.5), p95: percentile(durations, 0.95), isEstimate: false });
      const calls = own.filter(({ hasLlmCalls }) => hasLlmCalls).length;
      expect([group.llmCalls, group.llmCostUsd]).toEqual([calls, calls === 0 ? null : calls * 0.25]);
    }
  });

  it("obeys the filter", async () => {
    const tree = resolveMe(parseRunsRequest(new URLSearchParams("status=failed&status=completed&pipeline=mail&annotation.team=*")).tree as FilterTree, null);
    const stats = await getRunStats(test.ctx, { by: null, tree });
    expect(stats.total).toBe(runs.filter((run) => ["failed", "completed"].includes(run.status) && run.pipeline === "mail" && run.annotations.has("team")).length);
    expect(stats.groups).toEqual([]);
  });

  it("says nothing where there is nothing", async () => {
    const stats = await getRunStats(test.ctx, { by: "day", tree: resolveMe(parseFilter({ and: [{ value_contains: { key: "system/pipeline_run.text", value_substring: "no such word" } }] }), null) });
    expect(stats).toMatchObject({ total: 0, counts: {}, successRate: null, durationMs: null, itemsProcessed: 0, llmCalls: 0, llmCostUsd: null, groups: [] });
  });
});

it("200 that ask the same at once make one query, those of another filter one more", async () => {
  let queries = 0;
  const db = new Proxy(test.db, {
    get: (target, name, receiver) => {
      if (name === "$queryRaw") queries += 1;
      return Reflect.get(target, name, receiver);
    },
  }) as Db;
  const ctx = { ...test.ctx, db };
  const tree = (user: string) => resolveMe(parseFilter({ and: [{ value_equals: { key: "system/pipeline_run.created_by", value: "me" } }] }), user);
  const answers = await Promise.all(Array.from({ length: 400 }, (_, n) => getCachedCounts(ctx, tree(n % 2 ? "ann" : "bob"))));
  expect(queries).toBe(2);
  expect(new Set(answers).size).toBe(2);
  const input = { by: null, tree: null };
  expect(await getCachedRunStats(ctx, input)).toBe(await getCachedRunStats(ctx, { ...input }));
});
