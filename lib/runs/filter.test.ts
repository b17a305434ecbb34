import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RUN_SORTS } from "#lib/runs/fields";
import { findCursor, RunsFilter, RunsRequest, runsListHash, toSearchParams } from "#lib/runs/filter";
import { RUN_STATUSES } from "#lib/runs/rules";
import { printCursor } from "#lib/table/cursor";

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
const anyFilter = fc
  .record({
    status: fc.uniqueArray(fc.constantFrom(...RUN_STATUSES)),
    pipeline: fc.uniqueArray(name, { maxLength: 5 }),
    stage: fc.uniqueArray(name, { maxLength: 5 }),
    q: fc.string({ unit: "binary", maxLength: 250 }),
    sort: fc.constantFrom(...RUN_SORTS),
    dir: fc.constantFrom("asc", "desc"),
    limit: fc.integer({ min: 1, max: 200 }),
  })
  .map((given) => RunsFilter.parse(given));

describe("RunsFilter", () => {
  it("is its own inverse with toSearchParams", () => {
    fc.assert(fc.property(anyFilter, (filter) => void expect(RunsFilter.parse(toSearchParams(filter))).toEqual(filter)));
  });

  it("parses what it has parsed to the same", () => {
    fc.assert(fc.property(anyFilter, (filter) => void expect(RunsFilter.parse(filter)).toEqual(filter)));
  });

  it("makes something of every query string and every object", () => {
    const total = (input: unknown) => void expect(RunsFilter.safeParse(input).success).toBe(true);
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => total(new URLSearchParams(text))));
    const key = fc.constantFrom("status", "pipeline", "stage", "q", "sort", "dir", "cursor", "limit", "__proto__", "constructor");
    fc.assert(fc.property(fc.dictionary(key, fc.oneof(fc.string(), fc.array(fc.string()), fc.anything())), total));
    for (const input of [null, undefined, 1, "x", []]) total(input);
  });

  it("leaves the plain list without a query string", () => {
    expect(toSearchParams(RunsFilter.parse({})).toString()).toBe("");
  });

  it("drops what it does not know and keeps the rest", () => {
    const filter = RunsFilter.parse(new URLSearchParams("status=failed&status=bogus&stage=content&stage=DROP%20TABLE&limit=9999&sort=id&q=%00a"));
    expect(filter).toMatchObject({ status: ["failed"], stage: ["content"], limit: 50, sort: "started", q: "a" });
  });

  it("reads sort=-items as descending and sort=items as ascending", () => {
    expect(RunsFilter.parse(new URLSearchParams("sort=-items"))).toMatchObject({ sort: "items", dir: "desc" });
    expect(RunsFilter.parse(new URLSearchParams("sort=items"))).toMatchObject({ sort: "items", dir: "asc" });
    expect(RunsFilter.parse({ sort: "items", dir: "desc" })).toMatchObject({ sort: "items", dir: "desc" });
  });

  it("keeps a cursor of its own and drops one of another filter, of another version, or a broken one", () => {
    const filter = RunsFilter.parse({ status: ["failed"] });
    const cursor = printCursor({ side: "after", value: "infinity", id: 7, listHash: runsListHash(filter) });
    expect(RunsFilter.parse({ ...filter, cursor }).cursor).toBe(cursor);
    expect(findCursor({ ...filter, cursor })).toMatchObject({ side: "after", value: "infinity", id: 7 });
    expect(RunsFilter.parse({ status: ["failed"], limit: 10, cursor }).cursor).toBe(cursor);
    expect(RunsFilter.parse({ status: ["hold"], cursor }).cursor).toBeNull();
    expect(RunsFilter.parse({ ...filter, cursor: `${cursor.slice(0, -3)}AAA` }).cursor).toBeNull();
    const mistyped = printCursor({ side: "after", value: "yesterday", id: 7, listHash: runsListHash(filter) });
    expect(RunsFilter.parse({ ...filter, cursor: mistyped }).cursor).toBeNull();
  });
});

describe("RunsRequest", () => {
  it("takes every query string that the page prints", () => {
    fc.assert(fc.property(anyFilter, (filter) => void expect(RunsRequest.parse(toSearchParams(filter))).toEqual(filter)));
  });

  it.each(["status=bogus", "statuss=failed", "limit=0", "limit=x", "sort=id", "stage=A%20b", "q=%00", `q=${"a".repeat(201)}`])("refuses %s", (query) => {
    expect(RunsRequest.safeParse(new URLSearchParams(query)).success).toBe(false);
  });
});
