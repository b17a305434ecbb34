import { expect, test } from "vitest";
import { describeExpectation, lateByMs } from "./rules.ts";

const expected = { p50Ms: 40_200, p95Ms: 70_000, runs: 20 };

test.each([
  [10_000, "usually 40s to 1m 10s"],
  [70_400, "usually 40s to 1m 10s"],
  [82_000, "usually 40s to 1m 10s; late by 12s"],
  [3_670_000, "usually 40s to 1m 10s; late by 1h 00m"],
])("after %i ms: %s", (elapsedMs, words) => {
  expect(describeExpectation(expected, elapsedMs)).toBe(words);
});

test("a stage that always takes the same says one number, a quick one milliseconds", () => {
  expect(describeExpectation({ p50Ms: 830, p95Ms: 830.4, runs: 3 }, 0)).toBe("usually 830ms");
  expect(lateByMs(expected, 69_999)).toBe(0);
});
