import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFilter } from "#lib/filters/filter";
import { RUN_SORTS } from "#lib/runs/fields";
import { EVERY_RUN, type RunsFilter, runsListHash, toSearchParams } from "#lib/runs/address";
import { findCursor, parseRunsRequest, readRunsFilter } from "#lib/runs/filter";
import { filterTrees } from "#lib/testing/filter-oracle";
import { printCursor } from "#lib/table/cursor";

const anyFilter = fc.record({
  tree: fc.option(filterTrees.map((tree) => parseFilter(tree))),
  sort: fc.constantFrom(...RUN_SORTS),
  dir: fc.constantFrom("asc", "desc"),
  cursor: fc.constant(null),
  limit: fc.integer({ min: 1, max: 200 }),
}) as fc.Arbitrary<RunsFilter>;
const read = (query: string) => readRunsFilter(new URLSearchParams(query));

describe("readRunsFilter", () => {
  it("is the inverse of toSearchParams", () => {
    fc.assert(fc.property(anyFilter, (filter) => void expect(readRunsFilter(new URLSearchParams(toSearchParams(filter).toString()))).toEqual({ filter, faults: [] })), { numRuns: 2_000 });
  });

  it("makes something of every query string, and reads what it made to the same", () => {
    const name = fc.constantFrom("status", "not.status", "stage", "q", "started", "items", "duration", "annotation.a", "subject.symbol", "not.subject.symbol", "filter", "sort", "dir", "cursor", "limit", "__proto__", "annotation.", "subject.X");
    const value = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("*", "~", "=", "~a", "==", "7d", "..", "1..2", "2..1", "30s..5m", "2026-03-01T00:00:00Z..", '{"and":[]}', '{"or":[{"key_exists":{"key":"a"}}]}', "failed", "\0", "%", "1e999"));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 8 }), (pairs) => {
        const { filter } = readRunsFilter(new URLSearchParams(pairs));
        expect(readRunsFilter(toSearchParams(filter))).toEqual({ filter, faults: [] });
      }),
      { numRuns: 2_000 },
    );
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void read(text)));
  });

  it("leaves the plain list without a query string", () => {
    expect(toSearchParams(EVERY_RUN).toString()).toBe("");
  });

  it("leaves out what it cannot read, says so, and keeps the rest", () => {
    const { filter, faults } = read("status=failed&status=bogus&stage=content&limit=9999&sort=id&q=timeout&utm=1");
    expect(filter).toMatchObject({ limit: 50, sort: "started", dir: "desc" });
    expect(toSearchParams(filter).toString()).toBe("status=failed&stage=content&q=timeout");
    expect(faults.map(({ path }) => path)).toEqual(["status", "sort", "limit"]);
  });

  it("reads sort=-items as descending and sort=items as ascending", () => {
    expect(read("sort=-items").filter).toMatchObject({ sort: "items", dir: "desc" });
    expect(read("sort=items").filter).toMatchObject({ sort: "items", dir: "asc" });
    expect(read("sort=items&dir=desc").filter).toMatchObject({ sort: "items", dir: "desc" });
  });

  it("keeps a cursor of its own and drops one of another filter, of another version, or a broken one", () => {
    const { filter } = read("status=failed");
    const cursor = printCursor({ side: "after", value: "infinity", id: 7, listHash: runsListHash(filter) });
    expect(read(`status=failed&cursor=${cursor}`).filter.cursor).toBe(cursor);
    expect(findCursor({ ...filter, cursor })).toMatchObject({ side: "after", value: "infinity", id: 7 });
    expect(read(`status=failed&limit=10&cursor=${cursor}`).filter.cursor).toBe(cursor);
    expect(read(`status=hold&cursor=${cursor}`).filter.cursor).toBeNull();
    expect(read(`status=failed&cursor=${cursor.slice(0, -3)}AAA`).filter.cursor).toBeNull();
    const mistyped = printCursor({ side: "after", value: "yesterday", id: 7, listHash: runsListHash(filter) });
    expect(read(`status=failed&cursor=${mistyped}`).filter.cursor).toBeNull();
  });
});

describe("parseRunsRequest", () => {
  it("takes every query string that the page prints", () => {
    fc.assert(fc.property(anyFilter, (filter) => void expect(parseRunsRequest(toSearchParams(filter))).toEqual(filter)));
  });

  it("takes a JSON body of the same names", () => {
    const tree = { or: [{ key_exists: { key: "team" } }, { value_equals: { key: "a", value: "b" } }] };
    expect(parseRunsRequest({ status: ["failed", "hold"], q: "x", limit: 7, filter: tree }).tree).toEqual(parseRunsRequest(new URLSearchParams([["status", "failed"], ["status", "hold"], ["q", "x"], ["filter", JSON.stringify(tree)]])).tree);
  });

  it.each(["status=bogus", "statuss=failed", "limit=0", "limit=x", "sort=id", "q=%00", `q=${"a".repeat(1_001)}`, "created=2026-03-01T00:00:00..", "items=ten", "duration=..fast", "subject.=x", "annotation.system/x=1", "filter={"])("refuses %.40s with its path", (query) => {
    expect(() => parseRunsRequest(new URLSearchParams(query))).toThrow(expect.objectContaining({ code: "MISMATCH", faults: [expect.objectContaining({ path: query.split("=")[0] })] }));
  });
});
