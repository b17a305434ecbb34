import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AppError } from "#lib/errors";
import { parseFilter, parseFilterText } from "#lib/filters/filter";
import { hashOf, resolveMe } from "#lib/filters/rules";
import { filterTrees } from "#lib/testing/filter-oracle";

const exists = { key_exists: { key: "team" } };
const and = (...nodes: unknown[]) => ({ and: nodes });
const nested = (depth: number): unknown => (depth === 0 ? exists : { and: [nested(depth - 1)] });
const CREATED = "system/pipeline_run.date.created_at";
const times = (start_time: unknown, end_time?: unknown) => and({ time_range: { key: CREATED, start_time, end_time } });

function faultsOf(read: () => unknown): { path: string; message: string }[] {
  try {
    read();
  } catch (error) {
    expect((error as AppError).code).toBe("MISMATCH");
    expect((error as AppError).message).toMatch(/^The filter does not fit\. /);
    return (error as AppError).faults;
  }
  return [];
}

describe("refuses with the path of the fault", () => {
  it.each<[string, unknown, string]>([
    ["nothing", {}, "filter_query"],
    ["null", null, "filter_query"],
    ["a list", [exists], "filter_query"],
    ["a bare predicate", exists, "filter_query"],
    ["not at the root", { not: exists }, "filter_query"],
    ["both and and or", { and: [exists], or: [exists] }, "filter_query"],
    ["an extra key at the root", { and: [exists], extra: 1 }, "filter_query"],
    ["an empty and", { and: [] }, "filter_query.and"],
    ["an empty or inside", and({ or: [] }), "filter_query.and.0.or"],
    ["an and that is no list", { and: exists }, "filter_query.and"],
    ["two predicates in one object", and({ ...exists, value_equals: { key: "a", value: "" } }), "filter_query.and.0"],
    ["an unknown predicate", and({ value_like: { key: "a" } }), "filter_query.and.0.value_like"],
    ["not around and", and({ not: { and: [exists] } }), "filter_query.and.0.not"],
    ["not around not", and({ not: { not: exists } }), "filter_query.and.0.not"],
    ["an extra key in a predicate", and({ key_exists: { key: "a", extra: 1 } }), "filter_query.and.0.key_exists.extra"],
    ["an empty key", and({ key_exists: { key: "" } }), "filter_query.and.0.key_exists.key"],
    ["a key that is a number", and({ key_exists: { key: 1 } }), "filter_query.and.0.key_exists.key"],
    ["no value", and({ value_equals: { key: "a" } }), "filter_query.and.0.value_equals.value"],
    ["an empty substring", and({ value_contains: { key: "a", value_substring: "" } }), "filter_query.and.0.value_contains.value_substring"],
    ["no values", and({ value_in: { key: "a", values: [] } }), "filter_query.and.0.value_in.values"],
    ["an empty value among values", and({ value_in: { key: "a", values: ["x", ""] } }), "filter_query.and.0.value_in.values.1"],
    ["a predicate that its system key does not have", and({ value_contains: { key: "system/pipeline_run.created_by", value_substring: "a" } }), "filter_query.and.0.value_contains"],
    ["equality on a date", and({ value_equals: { key: CREATED, value: "x" } }), "filter_query.and.0.value_equals"],
    ["a time range on an annotation", and({ time_range: { key: "team", start_time: "2026-01-01T00:00:00Z" } }), "filter_query.and.0.time_range"],
    ["an unknown system key", and({ key_exists: { key: "system/other" } }), "filter_query.and.0.key_exists.key"],
    ["an unknown status", and({ value_in: { key: "system/pipeline_run.status", values: ["FAILED", "BROKEN"] } }), "filter_query.and.0.value_in.values.1"],
    ["a naive time", times("2026-03-01T00:00:00"), "filter_query.and.0.time_range.start_time"],
    ["a date without a time", times("2026-03-01"), "filter_query.and.0.time_range.start_time"],
    ["a time that is none", times("2026-02-30T00:00:00Z"), "filter_query.and.0.time_range.start_time"],
    ["year 0", times("0000-01-01T00:00:00Z"), "filter_query.and.0.time_range.start_time"],
    ["start after end", times("2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z"), "filter_query.and.0.time_range.start_time"],
    ["no time at all", times(undefined), "filter_query.and.0.time_range"],
    ["a number out of range", and({ number_range: { key: "system/pipeline_run.items", min: 1e300 } }), "filter_query.and.0.number_range.min"],
    ["min above max", and({ number_range: { key: "system/pipeline_run.items", min: 2, max: 1 } }), "filter_query.and.0.number_range.min"],
    ["NUL", and({ value_equals: { key: "a", value: "x\0" } }), "filter_query.and.0.value_equals.value"],
    ["a lone surrogate", and({ value_equals: { key: "a\ud800", value: "x" } }), "filter_query.and.0.value_equals.key"],
    ["a long text", and({ value_equals: { key: "a", value: "x".repeat(1_001) } }), "filter_query.and.0.value_equals.value"],
    ["51 predicates", and(...Array(51).fill(exists)), "filter_query"],
    ["nine levels", nested(9), `filter_query${".and.0".repeat(8)}`],
  ])("%s", (_, tree, path) => {
    const faults = faultsOf(() => parseFilter(tree));
    expect(faults.map((fault) => fault.path)).toContain(path);
    for (const { message } of faults) expect(message).not.toMatch(/^Invalid|undefined/);
  });

  it("eight levels and 50 predicates are allowed", () => {
    expect(parseFilter(nested(8))).toEqual(nested(8));
    expect(parseFilter(and(...Array(50).fill(exists)))).toEqual(and(...Array(50).fill(exists)));
  });

  it("what is no JSON, too long, too deep or too wide, at once", () => {
    const started = performance.now();
    for (const text of ["{bad", '{"and":', "\"", "NaN", "[".repeat(100_000), "x".repeat(1_000_000), JSON.stringify(nested(100)), JSON.stringify(and(...Array(1_000).fill(exists))), JSON.stringify(and(...Array(50_000).fill(0)))]) {
      expect(faultsOf(() => parseFilterText(text))).not.toEqual([]);
    }
    expect(faultsOf(() => parseFilter(nested(5_000)))).not.toEqual([]);
    expect(faultsOf(() => parseFilter(and({ value_equals: { key: "a", value: "x".repeat(1_000_000) } })))).not.toEqual([]);
    expect(performance.now() - started).toBeLessThan(500);
  });

  it("anything at all: a tree or a refusal, never another error", () => {
    const anything = fc.oneof(fc.jsonValue(), fc.anything(), fc.object({ key: fc.constantFrom("and", "or", "not", "key_exists", "value_in", "key", "values", "__proto__", "toString") }));
    fc.assert(fc.property(anything, (value) => void faultsOf(() => parseFilter(value))), { numRuns: 3_000 });
    fc.assert(fc.property(fc.string(), (text) => void faultsOf(() => parseFilterText(text))));
  });
});

it("no filter is null", () => {
  for (const text of [null, undefined, "", "  "]) expect(parseFilterText(text)).toBeNull();
});

it("keeps a valid tree as it is when read again", () => {
  fc.assert(fc.property(filterTrees, (tree) => void expect(parseFilter(parseFilter(tree))).toEqual(parseFilter(tree))));
});

it("reads times into UTC and statuses of either spelling into ours", () => {
  expect(parseFilter(times("2026-03-01T02:00:00+02:00"))).toEqual(times("2026-03-01T00:00:00.000Z"));
  const status = (value: string) => and({ value_equals: { key: "system/pipeline_run.status", value } });
  for (const word of ["SUCCEEDED", "succeeded", "COMPLETED"]) expect(parseFilter(status(word))).toEqual(status("completed"));
});

describe("hashOf", () => {
  const me = and({ value_equals: { key: "system/pipeline_run.created_by", value: "me" } });
  const hash = (tree: unknown, user: string | null = null) => hashOf(resolveMe(parseFilter(tree), user));
  it("never gives two users' me the same hash", () => {
    expect(new Set([hash(me, "ann"), hash(me, "bob"), hash(me), hashOf(null)]).size).toBe(4);
  });
  it("is the same whatever the order of members, and differs with the question", () => {
    const other = { value_equals: { key: "a", value: "b" } };
    expect(hash(and(exists, other))).toBe(hash(and(other, exists, { value_equals: { value: "b", key: "a" } })));
    expect(hash(and(exists, other))).not.toBe(hash({ or: [exists, other] }));
    expect(hash(and({ not: other }))).not.toBe(hash(and(other)));
  });
});
