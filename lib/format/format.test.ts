import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration } from "./duration.ts";
import { prettyJsonText, printJson } from "./json.ts";
import { formatAmount, formatBytes, formatCount, formatGain, formatPercent, formatPrice, formatRate, usdTick } from "./number.ts";
import { formatRelative, formatTime } from "./time.ts";
import { singularOf } from "./words.ts";

describe("formatDuration", () => {
  test.each([
    [0, "0ms"],
    [-5, "0ms"],
    [830, "830ms"],
    [999.4, "999ms"],
    [999.6, "1.0s"],
    [12_430, "12.4s"],
    [59_949, "59.9s"],
    [59_960, "1m 00s"],
    [185_000, "3m 05s"],
    [3_599_600, "1h 00m"],
    [3_840_000, "1h 04m"],
    [86_399_999, "1d 0h"],
    [183_600_000, "2d 3h"],
  ])("%d ms is %s", (ms, text) => expect(formatDuration(ms)).toBe(text));

  test("no part reaches the size of the next one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 10 }), (ms) => {
        const text = formatDuration(ms);
        expect(text).toMatch(/^(\d{1,3}ms|[1-5]?\d\.\ds|[1-5]?\dm [0-5]\ds|(1?\d|2[0-3])h [0-5]\dm|\d+d (1?\d|2[0-3])h)$/);
      }),
    );
  });
});

describe("formatTime and formatRelative", () => {
  const now = new Date("2026-07-03T08:20:09.400Z");
  const ago = (ms: number) => new Date(now.getTime() - ms);

  test("the zone is said, and obeyed", () => {
    expect(formatTime(now, { zone: "UTC" })).toBe("2026-07-03 08:20:09 UTC");
    expect(formatTime(now, { zone: "Asia/Kathmandu" })).toBe("2026-07-03 14:05:09 UTC+5:45");
    expect(formatTime(new Date("2026-01-01T00:00:00Z"), { zone: "America/New_York" })).toBe("2025-12-31 19:00:00 UTC-5");
    expect(formatTime(new Date(Number.NaN))).toBe("–");
  });

  test.each([
    [0, "just now"],
    [4_999, "just now"],
    [-2_000, "in a moment"],
    [40_000, "40 s ago"],
    [59_999, "59 s ago"],
    [185_000, "3 min ago"],
    [5 * 3_600_000, "5 h ago"],
    [-120_000, "in 2 min"],
    [86_400_000, "2026-07-02 08:20:09 UTC"],
    [-86_400_000, "2026-07-04 08:20:09 UTC"],
  ])("%d ms ago is %s", (ms, text) => expect(formatRelative(ago(ms), now, { zone: "UTC" })).toBe(text));
});

describe("numbers", () => {
  test.each([
    [0, "0"],
    [4821, "4821"],
    [9999, "9999"],
    [10_000, "10\u2009000"],
    [1_204_331, "1\u2009204\u2009331"],
    [-48_210, "-48\u2009210"],
  ])("count %d", (n, text) => expect(formatCount(n)).toBe(text));

  test.each([
    [0, "0 B"],
    [812, "812 B"],
    [1_500, "1.5 kB"],
    [999_600, "1.0 MB"],
    [48_200_000, "48 MB"],
    [2_100_000_000, "2.1 GB"],
  ])("%d bytes", (n, text) => expect(formatBytes(n)).toBe(text));

  test.each([
    [1_240, "1240/s"],
    [3.24, "3.2/s"],
    [0, "0/s"],
    [0.2, "12/min"],
    [5 / 3600, "5/h"],
    [Number.POSITIVE_INFINITY, "–"],
  ])("rate %d", (n, text) => expect(formatRate(n)).toBe(text));

  test.each([
    [40_000, 10_000, "$10\u2009000"],
    [2, 0.5, "$0.50"],
    [0.14, 0.035, "$0.035"],
    [0.002, 0.0005, "$0.00050"],
    [0, 0, "$0"],
  ])("an axis up to %d dollars marks %d", (most, usd, text) => expect(usdTick(most)(usd)).toBe(text));

  test("a percentage says 100 only when everything is done", () => {
    expect([0, 0.001, 0.374, 0.999, 1].map(formatPercent)).toEqual(["0 %", "1 %", "37 %", "99 %", "100 %"]);
  });
});

describe("json", () => {
  test("big integers and dates have a form", () => {
    expect(printJson({ id: 7n, huge: 2n ** 70n, at: new Date(0) })).toBe('{"id":7,"huge":"1180591620717411303424","at":"1970-01-01T00:00:00.000Z"}');
    expect(printJson(undefined)).toBe("null");
  });
  test("text that is no JSON stays as it is", () => {
    expect(prettyJsonText('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(prettyJsonText('{"a":')).toBe('{"a":');
  });
});

test("prices keep what matters, amounts their sign and their cents", () => {
  expect([1.08741, 140.460007, 64_250.25, 1_234_567.891, 0.000012].map(formatPrice)).toEqual(["1.08741", "140.46", "64250.25", "1234567.89", "0.000012"]);
  expect([12.4, -3, 0, 12_345.678].map(formatGain)).toEqual(["+12.40", "−3.00", "0.00", "+12\u2009345.68"]);
  expect(formatAmount(10_000)).toBe("10\u2009000.00");
});

// "1 analyses" stood on Pipeline Control: the last run of a signal has one item.
test.each([
  ["messages", "message"], ["analyses", "analysis"], ["classifications", "classification"], ["companies", "company"], ["boxes", "box"], ["batches", "batch"], ["caches", "cache"], ["processes", "process"],
  ["model-days", "model-day"], ["simulated days", "simulated day"], ["messages searched", "message searched"], ["senders segmented", "sender segmented"], ["metadata rows", "metadata row"], ["drafts waiting", "draft waiting"],
  ["access logs", "access log"], ["analysis", "analysis"], ["mail", "mail"], ["", ""],
])("one of %s is a %s", (many, one) => {
  expect(singularOf(many)).toBe(one);
});
