import fc from "fast-check";
import { expect, test } from "vitest";
import { alignByName, alignRuns, type ComparedStep, type ComparedUnit, differencesOf, firstDivergence } from "./rules.ts";

const step = (seq: number, name: string, more: Partial<ComparedStep> = {}): ComparedStep => ({ seq, name, status: "ok", attempt: 1, durationMs: 1, error: null, costUsd: null, inputHash: null, outputHash: null, ...more });
const unit = (seq: number, name: string, steps: ComparedStep[] = [], more: Partial<ComparedUnit> = {}): ComparedUnit => ({ seq, kind: "work", wave: 1, name, status: "completed", durationMs: 1, itemsDone: 0, itemsFailed: 0, steps, ...more });
const named = (names: string) => [...names].map((name, seq) => ({ seq, name }));
const draw = (pairs: [{ name: string } | null, { name: string } | null][]) => pairs.map(([a, b]) => (a && b ? a.name : a ? `-${a.name}` : `+${b?.name}`)).join(" ");

test.each([
  ["abc", "abc", "a b c"],
  ["abc", "axc", "a -b +x c"],
  ["aab", "ab", "a -a b"],
  ["", "ab", "+a +b"],
  ["ab", "", "-a -b"],
  ["fpfps", "fps", "f p -f -p s"],
])("%s beside %s is %s", (a, b, expected) => {
  expect(draw(alignByName(named(a), named(b)))).toBe(expected);
});

const names = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 }).map((list) => list.map((name, seq) => ({ seq, name })));

/** The longest common sequence by trying everything. */
function longest(a: string[], b: string[]): number {
  const [x, ...rest] = a;
  if (x === undefined || b.length === 0) return 0;
  const at = b.indexOf(x);
  return Math.max(longest(rest, b), at < 0 ? 0 : 1 + longest(rest, b.slice(at + 1)));
}

test("everything of both sides stands there once and in its order, pairs are of one name, and there are as many as can be", () => {
  fc.assert(fc.property(names, names, (a, b) => {
    const pairs = alignByName(a, b);
    expect(pairs.flatMap(([left]) => left ?? [])).toEqual(a);
    expect(pairs.flatMap(([, right]) => right ?? [])).toEqual(b);
    const both = pairs.filter(([left, right]) => left && right);
    expect(both.every(([left, right]) => left?.name === right?.name)).toBe(true);
    expect(both.length).toBe(longest(a.map(({ name }) => name), b.map(({ name }) => name)));
  }));
});

test("units without a namesake stand beside the one in their place, of the same wave only", () => {
  const rows = alignRuns([unit(0, "plan", [], { kind: "plan", wave: 0 }), unit(1, "1 to 50"), unit(2, "x", [], { wave: 2 })], [unit(0, "plan", [], { kind: "plan", wave: 0 }), unit(1, "51 to 99"), unit(2, "y", [], { wave: 3 })]);
  expect(rows.map(({ a, b }) => [a?.name, b?.name])).toEqual([["plan", "plan"], ["1 to 50", "51 to 99"], ["x", undefined], [undefined, "y"]]);
});

test("the first divergence is the first step that is not the same, whatever its duration", () => {
  const a = [unit(1, "u", [step(1, "fetch", { durationMs: 5 }), step(2, "parse", { outputHash: "x" }), step(3, "save", { status: "error" })])];
  const b = [unit(1, "u", [step(1, "fetch", { durationMs: 900 }), step(2, "parse", { outputHash: "y" }), step(3, "save")])];
  const rows = alignRuns(a, b);
  expect(rows.map(({ differs }) => differs)).toEqual([[], [], ["output"], ["status"]]);
  expect(firstDivergence(rows)).toBe(2);
  expect(firstDivergence(alignRuns(a, a))).toBeNull();
  expect(firstDivergence(alignRuns([unit(1, "u", [], { status: "failed" })], [unit(1, "u")]))).toBe(0);
});

test("only what differs is named, down to the single parameter", () => {
  const run = { id: 1, status: "completed", outcome: null, durationMs: 1_000, itemsProcessed: 5, itemsFailed: 0, unitsTotal: 1, unitsFailed: 0, triggeredBy: "web", completedAt: null, params: { batch: { size: 50 }, only: ["a"] }, configSnapshot: { model: "m" } } as const;
  const params = { batch: { size: 20 }, only: ["a"] };
  expect(differencesOf({ ...run, params: { ...run.params, only: ["a"] } }, { ...run, status: "failed", durationMs: 2_000, params, configSnapshot: {} })).toEqual([
    { name: "Status", a: "completed", b: "failed" },
    { name: "Duration", a: "1.0s", b: "2.0s" },
    { name: "Parameter batch.size", a: "50", b: "20" },
    { name: "Configuration model", a: "m", b: "not set" },
  ].map((one) => one));
});
