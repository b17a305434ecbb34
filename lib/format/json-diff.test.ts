import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "#lib/engine/define";
import { diffJson } from "./json-diff.ts";

test("names what is new, gone and other, by its path", () => {
  const before = { a: 1, b: [1, 2, { c: "x" }], gone: true };
  const after = { a: 2, b: [1, 2, { c: "y" }, 4], fresh: null };
  expect(diffJson(before, after).sort((x, y) => x.path.localeCompare(y.path))).toEqual([
    { path: "$.a", before: 1, after: 2 },
    { path: "$.b[2].c", before: "x", after: "y" },
    { path: "$.b[3]", before: undefined, after: 4 },
    { path: "$.fresh", before: undefined, after: null },
    { path: "$.gone", before: true, after: undefined },
  ]);
});

test("values of another kind are one change of the whole", () => {
  expect(diffJson("a", [1])).toEqual([{ path: "$", before: "a", after: [1] }]);
  expect(diffJson(null, { a: 1 })).toEqual([{ path: "$", before: null, after: { a: 1 } }]);
  expect(diffJson(1, 1)).toEqual([]);
});

const plain = fc.jsonValue().map((value): Json => JSON.parse(JSON.stringify(value)));

test("there are changes when, and only when, the values are not the same; backwards they are the same ones turned round", () => {
  fc.assert(fc.property(plain, plain, (a, b) => {
    expect(diffJson(a, structuredClone(a))).toEqual([]);
    const changes = diffJson(a, b);
    expect(changes.length > 0).toBe(JSON.stringify(sorted(a)) !== JSON.stringify(sorted(b)));
    const turned = diffJson(b, a).map(({ path, before, after }) => ({ path, before: after, after: before }));
    expect(new Set(turned.map((one) => JSON.stringify(one)))).toEqual(new Set(changes.map((one) => JSON.stringify(one))));
  }));
});

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
}
