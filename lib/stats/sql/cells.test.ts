import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseFilter } from "#lib/filters/filter";
import { type ResolvedFilter, resolveMe } from "#lib/filters/rules";
import { foldRollups } from "#lib/stats/mutations";
import { countByStatus, getRunSeries, getRunStats, getStageHealth } from "#lib/stats/queries";
import { type StatusCounts, successRate, totalOf } from "#lib/stats/rules";
import { planAnnotated, planRollup } from "#lib/stats/sql/plan";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { evaluate, filterTrees, type OracleRun, seedOracle } from "#lib/testing/filter-oracle";

let test: TestDatabase;
let runs: OracleRun[];
beforeAll(async () => {
  test = await cloneDatabase();
  runs = await seedOracle(test.db);
  // Half of them in rows, half as deltas: an answer is made of both.
  await test.db.$executeRaw`select fold_run_rollups(50)`;
});
afterAll(() => test.drop());

const P = "system/pipeline_run.";
const resolve = (tree: unknown): ResolvedFilter => resolveMe(parseFilter(tree), "bob");
const sum = (list: number[]) => list.reduce((total, one) => total + one, 0);
const tally = (own: OracleRun[]): StatusCounts => Object.fromEntries([...Map.groupBy(own, ({ status }) => status)].map(([status, all]) => [status, all.length]));
const percentile = (list: number[], share: number) => list.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * list.length) - 1)] as number;
const HOUR = 3_600_000;

const instant = fc.tuple(fc.integer({ min: -30, max: 60 }), fc.constantFrom(0, 1, 1_800_000)).map(([hour, ms]) => new Date(Date.parse("2026-03-01T00:00:00Z") + hour * HOUR + ms).toISOString());
const between = fc.tuple(instant, instant, fc.nat(2)).map(([a, b, kind]) => ({
  time_range: { key: `${P}date.created_at`, ...(kind !== 1 && { start_time: a < b ? a : b }), ...(kind !== 2 && { end_time: a < b ? b : a }) },
}));
/** Up to the hours that the runs are ago, as far as a span reaches. */
const last = fc.integer({ min: 1, max: 40 }).map((hour) => ({ time_last: { key: `${P}date.created_at`, span: `${Math.min(9_999, Math.floor((Date.now() - Date.parse("2026-03-01T00:00:00Z")) / HOUR) - hour)}h` } }));
const range = fc.oneof({ weight: 3, arbitrary: between }, last);
const isOf = (value: fc.Arbitrary<string>, key: string) => fc.array(value, { minLength: 1, maxLength: 3 }).map((values) => ({ value_in: { key: `${P}${key}`, values } }));
const word = fc.oneof(
  isOf(fc.constantFrom("ann", "bob", "me", "ünal"), "created_by"), fc.constant({ key_exists: { key: `${P}created_by` } }), fc.constant({ value_equals: { key: `${P}created_by`, value: "" } }),
  isOf(fc.constantFrom("web", "cli", "schedule"), "triggered_by"), isOf(fc.constantFrom("failed", "completed", "pending"), "status"), isOf(fc.constantFrom("mail", "training"), "pipeline"),
  fc.constantFrom("content", "fit", "%", "mail/").map((value_substring) => ({ value_contains: { key: `${P}name`, value_substring } })),
);
const node = fc.oneof({ weight: 3, arbitrary: word }, word.map((not) => ({ not })), fc.array(word, { minLength: 1, maxLength: 3 }).map((or) => ({ or })));
/** Trees that rollups can answer. */
const planned = fc.tuple(fc.array(range, { maxLength: 2 }), fc.array(node, { minLength: 1, maxLength: 3 })).map(([ranges, nodes]) => ({ and: [...nodes, ...(ranges.length > 1 ? [ranges[0], { and: [ranges[1]] }] : ranges)] }));

it("what rollups can answer is what a naive evaluation gives", async () => {
  await fc.assert(fc.asyncProperty(planned, async (tree) => {
    expect(planRollup(resolve(tree), Date.now())).not.toBeNull();
    const own = runs.filter((run) => evaluate(tree, run, "bob"));
    const { total, counts } = await countByStatus(test.ctx, resolve(tree));
    expect(counts).toEqual(tally(own));
    expect(total).toBe(own.length);
  }), { numRuns: 300 });
});

const annotation = fc.constantFrom("team", "ex%p_", "Überschrift", "a.b/c").chain((key) => fc.constantFrom<object[]>(
  { key_exists: { key } }, { value_equals: { key, value: "" } }, { value_equals: { key, value: "red" } }, { value_in: { key, values: ["red", "50%"] } },
  { value_contains: { key, value_substring: "RED" } }, { value_contains: { key, value_substring: "%" } },
));
/** Trees that annotations can answer: one that has to be there among words, times and other annotations, in any branch. */
const beside = fc.oneof(node, range, annotation, annotation.map((not) => ({ not })), fc.tuple(word, fc.oneof(range, annotation)).map((or) => ({ or })), range.map((not) => ({ not })));
const annotated = fc.tuple(annotation, fc.array(beside, { maxLength: 3 }), fc.boolean()).map(([one, nodes, isDeep]) => ({ and: isDeep ? [...nodes, { and: [one] }] : [one, ...nodes] }));

it("what annotations can answer is what a naive evaluation gives", async () => {
  let found = 0;
  await fc.assert(fc.asyncProperty(annotated, async (tree) => {
    expect([planRollup(resolve(tree), Date.now()), planAnnotated(resolve(tree)) !== null]).toEqual([null, true]);
    const own = runs.filter((run) => evaluate(tree, run, "bob"));
    found += own.length;
    expect((await countByStatus(test.ctx, resolve(tree))).counts).toEqual(tally(own));
  }), { numRuns: 300 });
  expect(found).toBeGreaterThan(500);
});

it("and so is everything else, by way of the runs", async () => {
  let raw = 0;
  await fc.assert(fc.asyncProperty(filterTrees, async (tree) => {
    if (planRollup(resolve(tree), Date.now()) === null) raw += 1;
    expect((await countByStatus(test.ctx, resolve(tree))).counts).toEqual(tally(runs.filter((run) => evaluate(tree, run, "bob"))));
  }), { numRuns: 200 });
  expect(raw).toBeGreaterThan(50);
});

it("durations from buckets are within 2.5 %, for the whole and each group, and say that they are estimates", async () => {
  const byGroup = { trigger: (run: OracleRun) => run.triggeredBy, status: (run: OracleRun) => run.status, stage: (run: OracleRun) => `${run.pipeline}/${run.stage}`, day: (run: OracleRun) => `${new Date(run.createdAt).toISOString().slice(0, 10)}T00:00:00Z` };
  await fc.assert(fc.asyncProperty(planned, fc.constantFrom(...(Object.keys(byGroup) as (keyof typeof byGroup)[])), async (tree, by) => {
    const plan = planRollup(resolve(tree), Date.now());
    const own = runs.filter((run) => evaluate(tree, run, "bob"));
    const stats = await getRunStats(test.ctx, { by, tree: resolve(tree) }, 0);
    expect(stats.itemsProcessed).toBe(sum(own.map(({ items }) => items)));
    expect(stats.llmCalls).toBe(own.filter(({ hasLlmCalls }) => hasLlmCalls).length);
    const groups = Map.groupBy(own, byGroup[by]);
    expect(stats.groups.length).toBe(groups.size);
    for (const [told, members] of [[stats, own], ...stats.groups.map((group) => [group, groups.get(group.key) ?? []] as const)] as const) {
      const durations = members.flatMap(({ durationMs }) => durationMs ?? []);
      expect(told.durationMs === null).toBe(durations.length === 0);
      if (!told.durationMs) continue;
      if (!plan?.usesCreator && !plan?.usesTrigger && plan?.span.from === -Infinity && plan.span.to === Infinity) expect(told.durationMs.isEstimate).toBe(true);
      for (const [share, ms] of [[0.5, told.durationMs.p50], [0.95, told.durationMs.p95]] as const) {
        expect(Math.abs(ms - percentile(durations, share))).toBeLessThanOrEqual(0.025 * percentile(durations, share));
      }
    }
  }), { numRuns: 120 });
});

const trees: [string, unknown][] = [
  ["no filter", null],
  ["one person", { and: [{ value_equals: { key: `${P}created_by`, value: "me" } }] }],
  ["from noon", { and: [{ time_range: { key: `${P}date.created_at`, start_time: "2026-03-01T12:00:00.001Z" } }] }],
  ["annotated", { and: [{ key_exists: { key: "team" } }] }],
  ["annotated red, not failed", { and: [{ value_contains: { key: "team", value_substring: "re" } }, { not: { value_equals: { key: `${P}status`, value: "failed" } } }] }],
];

it.each(trees)("a series has every bar, and each run in its own: %s", async (_, tree) => {
  const resolved = tree === null ? null : resolve(tree);
  for (const [buckets, hours, bucketMs] of [[500, 4, 60_000], [50, 40, HOUR], [10, 40, 6 * HOUR], [3, 40, 24 * HOUR]] as const) {
    const from = new Date("2026-03-01T00:20:00Z");
    const series = await getRunSeries(test.ctx, { tree: resolved, from, to: new Date(from.getTime() + hours * HOUR), buckets }, 0);
    expect(series.bucketMs).toBe(bucketMs);
    expect(series.buckets.length).toBeLessThanOrEqual(buckets);
    expect(series.buckets[0]?.start.getTime()).toBeLessThanOrEqual(from.getTime());
    for (const [n, bar] of series.buckets.entries()) {
      const start = (series.buckets[0]?.start.getTime() ?? 0) + n * bucketMs;
      expect(bar.start.getTime()).toBe(start);
      const own = runs.filter((run) => run.createdAt >= start && run.createdAt < start + bucketMs && (tree === null || evaluate(tree, run, "bob")));
      expect(bar.counts).toEqual(tally(own));
      expect(bar.durationMs === null).toBe(own.every(({ durationMs }) => durationMs === null));
    }
  }
});

it.each(trees)("stage health compares with as much time before: %s", async (_, tree) => {
  const at = (hour: number) => new Date(Date.parse("2026-03-01T00:00:00Z") + hour * HOUR);
  for (const [from, to] of [[10, 34], [4.5, 5.5], [20.25, 44.25], [-200, 100]] as const) {
    const { stages } = await getStageHealth(test.ctx, { tree: tree === null ? null : resolve(tree), from: at(from), to: at(to) });
    const within = (a: number, b: number) => runs.filter((run) => run.createdAt >= at(a).getTime() && run.createdAt < at(b).getTime() && (tree === null || evaluate(tree, run, "bob")));
    const both = Map.groupBy([...within(2 * from - to, from), ...within(from, to)], (run) => `${run.pipeline}/${run.stage}`);
    expect(stages.map(({ pipeline, stage }) => `${pipeline}/${stage}`)).toEqual([...both.keys()].toSorted((a, b) => a.localeCompare(b)));
    for (const told of stages) {
      const of = (own: OracleRun[]) => own.filter((run) => run.pipeline === told.pipeline && run.stage === told.stage);
      const [now, before] = [of(within(from, to)), of(within(2 * from - to, from))];
      expect(told.counts).toEqual(tally(now));
      expect([told.total, told.before.total, told.before.successRate]).toEqual([now.length, before.length, successRate(tally(before))]);
      expect([sum(told.spark), sum(told.sparkFailed)]).toEqual([totalOf(told.counts), told.counts.failed ?? 0]);
      const newest = Math.max(...[...now, ...before].map(({ id }) => id));
      expect(told.last).toMatchObject({ id: newest, status: runs.find(({ id }) => id === newest)?.status });
      const durations = now.flatMap(({ durationMs }) => durationMs ?? []);
      expect(told.durationMs).toEqual(durations.length === 0 ? null : { p50: percentile(durations, 0.5), p95: percentile(durations, 0.95), isEstimate: false });
    }
  }
});

it("folding changes no answer", async () => {
  const ask = async () => {
    const { computedAt: _, ...counts } = await countByStatus(test.ctx, null);
    const { asOf: __, ...stats } = await getRunStats(test.ctx, { by: "hour", tree: null }, 0);
    return { counts, stats };
  };
  const before = await ask();
  while ((await foldRollups(test.ctx)) > 0);
  expect(await ask()).toEqual(before);
});
