import fc from "fast-check";
import { expect, test } from "vitest";
import { diffLines, foldSame } from "./text-diff.ts";

test("taking what was removed and what was added leaves each of the two texts, whatever they are", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", "", "d e"), { maxLength: 30 }).map((lines) => lines.join("\n"));
  fc.assert(fc.property(text, text, (before, after) => {
    const lines = diffLines(before, after);
    const without = (kind: string) => lines.filter((line) => line.kind !== kind).map((line) => line.text).join("\n");
    expect(without("added")).toBe(before);
    expect(without("removed")).toBe(after);
    expect(foldSame(lines).reduce<number>((sum, part) => sum + (typeof part === "number" ? part : 1), 0)).toBe(lines.length);
  }));
});

test("as few lines as can be are told to differ, and long sameness is folded", () => {
  const lines = diffLines("1\n2\n3\n4\n5\n6\n7\n8\n9", "1\n2\n3\n4\n5\n6\n7\n8 new\n9");
  expect(lines.filter(({ kind }) => kind !== "same")).toEqual([{ kind: "removed", text: "8" }, { kind: "added", text: "8 new" }]);
  expect(foldSame(lines, 1)).toEqual([6, { kind: "same", text: "7" }, { kind: "removed", text: "8" }, { kind: "added", text: "8 new" }, { kind: "same", text: "9" }]);
  expect(diffLines("x\n".repeat(4_000), "y\n".repeat(4_000)).filter(({ kind }) => kind === "added")).toHaveLength(4_000);
});
