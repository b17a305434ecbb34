import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choicesIn, choose, describeNode, without } from "#lib/filters/edit";
import { nodesOf } from "#lib/filters/tree";
import { parseFilter } from "#lib/filters/filter";
import { printFilterParams } from "#lib/filters/address";
import { readFilterParams } from "#lib/filters/params";
import { printCommand, printRequest } from "#lib/filters/share";
import { filterTrees } from "#lib/testing/filter-oracle";

const P = "system/pipeline_run.";
const read = (query: string) => readFilterParams(new URLSearchParams(query)).tree;

describe("parameters say", () => {
  it.each<[string, unknown[]]>([
    ["status=failed&status=SUCCEEDED", [{ value_in: { key: `${P}status`, values: ["failed", "completed"] } }]],
    ["not.stage=content", [{ not: { value_equals: { key: `${P}stage`, value: "content" } } }]],
    ["started=7d", [{ time_last: { key: `${P}date.started_at`, span: "7d" } }]],
    ["created=2026-03-01T02:00:00%2B02:00..2026-03-02T00:00:00Z", [{ time_range: { key: `${P}date.created_at`, start_time: "2026-03-01T00:00:00.000Z", end_time: "2026-03-02T00:00:00.000Z" } }]],
    ["items=10..", [{ number_range: { key: `${P}items`, min: 10 } }]],
    ["duration=30s..5m", [{ number_range: { key: `${P}duration_ms`, min: 30_000, max: 300_000 } }]],
    ["error=timeout&error=~%3Dx", [{ value_contains: { key: `${P}error`, value_substring: "timeout" } }, { value_contains: { key: `${P}error`, value_substring: "=x" } }]],
    ["outcome=*&outcome=~BU", [{ key_exists: { key: `${P}outcome` } }, { value_contains: { key: `${P}outcome`, value_substring: "BU" } }]],
    ["creator=me&creator==*", [{ value_in: { key: `${P}created_by`, values: ["me", "*"] } }]],
    ["subject.symbol=EURUSD&annotation.a.b/c==", [{ value_equals: { key: `${P}subject.symbol`, value: "EURUSD" } }, { value_equals: { key: "a.b/c", value: "" } }]],
    ["q=~*", [{ value_contains: { key: `${P}text`, value_substring: "~*" } }]],
  ])("%s", (query, nodes) => {
    const tree = read(query);
    expect(tree).toEqual({ and: nodes });
    // What they say is said back in parameters, not as JSON.
    expect(printFilterParams(tree).has("filter")).toBe(false);
  });

  it("a tree beside them holds together with them", () => {
    const or = { or: [{ key_exists: { key: "a" } }, { key_exists: { key: "b" } }] };
    expect(read(`stage=x&filter=${encodeURIComponent(JSON.stringify(or))}`)).toEqual({ and: [{ value_equals: { key: `${P}stage`, value: "x" } }, or] });
    expect(read(`filter=${encodeURIComponent(JSON.stringify(or))}`)).toEqual(or);
  });

  it("no more than a filter holds", () => {
    const { tree, faults } = readFilterParams(new URLSearchParams(Array.from({ length: 200 }, (_, n) => [`annotation.k${n}`, "x"])));
    expect([nodesOf(tree).length, faults.length]).toEqual([50, 1]);
  });
});

it("every tree is printed and read back as it was", () => {
  fc.assert(fc.property(filterTrees, (given) => {
    const tree = parseFilter(given);
    expect(readFilterParams(new URLSearchParams(printFilterParams(tree).toString()))).toEqual({ tree, faults: [] });
  }), { numRuns: 3_000 });
});

describe("edits", () => {
  it("a value is asked for, kept out, taken away; each leaves the rest where it was", () => {
    const key = `${P}status`;
    const begun = read("q=x&status=failed&stage=content");
    const more = choose(begun, key, "partial", "include");
    expect(printFilterParams(more).toString()).toBe("q=x&status=failed&status=partial&stage=content");
    const out = choose(more, key, "failed", "exclude");
    expect(choicesIn(out, key)).toEqual(new Map([["partial", "include"], ["failed", "exclude"]]));
    expect(choose(choose(out, key, "failed", null), key, "partial", null)).toEqual(read("q=x&stage=content"));
    expect(without(without(without(begun, 0), 0), 0)).toBeNull();
  });

  it("are described in words, whatever the tree", () => {
    expect(nodesOf(read("not.stage=content&started=7d&items=10..&annotation.team=*")).map(describeNode)).toEqual([
      { label: "Stage", text: "not content" }, { label: "Started", text: "in the last 7d" }, { label: "Items", text: "at least 10" }, { label: "team", text: "is there" },
    ]);
    fc.assert(fc.property(filterTrees, (tree) => {
      for (const node of nodesOf(parseFilter(tree))) expect(describeNode(node).text).not.toMatch(/undefined|null|\[object/);
    }));
  });
});

describe("lines for a shell", () => {
  it("quote what a shell would take for its own", () => {
    const tree = read("status=failed&not.stage=content&annotation.team=it's&q=$(rm)");
    expect(printCommand(tree)).toBe("./penstock runs ls --status failed --not stage=content --annotation 'team=it'\\''s' --query '$(rm)'");
    expect(printRequest(tree, "http://localhost:3000")).toBe("curl 'http://localhost:3000/api/v1/runs?status=failed&not.stage=content&annotation.team=it%27s&q=%24%28rm%29'");
  });
});
