import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "#lib/engine/define";
import { flattenJson, foldedFrom, parentsOf, pathOf, readJson, searchJson, visibleJson } from "./json-tree.ts";

const value = { name: "Ada", list: [1, { "content-type": "text/html" }], empty: {}, ärger: null };
const nodes = flattenJson(value);

test("every value has one row, in order, and its path", () => {
  expect(nodes.map((node, index) => [pathOf(nodes, index), node.text])).toEqual([
    ["$", "{ 4 fields }"],
    ["$.name", '"Ada"'],
    ["$.list", "[ 2 items ]"],
    ["$.list[0]", "1"],
    ["$.list[1]", "{ 1 field }"],
    ['$.list[1]["content-type"]', '"text/html"'],
    ["$.empty", "{}"],
    ["$.ärger", "null"],
  ]);
});

test("search finds keys and values, not the words that we write around them", () => {
  expect(searchJson(nodes, "ADA")).toEqual([1]);
  expect(searchJson(nodes, "content")).toEqual([5]);
  expect(searchJson(nodes, "fields")).toEqual([]);
  expect(searchJson(nodes, "")).toEqual([]);
  expect(searchJson(flattenJson('say "hi"'), '"hi"')).toEqual([0]);
});

test("folding from a level on hides what is inside, and nothing else", () => {
  expect(visibleJson(nodes, foldedFrom(nodes, 1))).toEqual([0, 1, 2, 6, 7]);
  expect(visibleJson(nodes, foldedFrom(nodes, 0))).toEqual([0]);
  expect(visibleJson(nodes, new Set())).toHaveLength(8);
});

test("any JSON: sizes nest, and the path leads to the value", () => {
  fc.assert(fc.property(fc.jsonValue(), (any) => {
    const all = flattenJson(any as Json);
    for (const [index, { size, parent }] of all.entries()) {
      expect(all.slice(index + 1, index + size).every((_, offset) => parentsOf(all, index + 1 + offset).includes(index))).toBe(true);
      expect(parent).toBeLessThan(index);
      let reached: unknown = any;
      for (const at of [...parentsOf(all, index), index].slice(1)) reached = (reached as Record<string, unknown>)[String(all[at]?.key)];
      expect(reached).toBe(all[index]?.value);
    }
  }));
});

test("text that is no JSON says why", () => {
  expect(readJson("[1, 2")).toMatchObject({ fault: expect.any(String) });
  expect(readJson("[1, 2]")).toEqual({ value: [1, 2] });
});
