import { describe, expect, it } from "vitest";
import { barsOf, DAY_MS, DURATION_STEP, durationOfBucket, HOUR_MS, StatsCache, successRate, totalOf, userOf } from "#lib/stats/rules";
import { admin } from "#lib/testing/people";

describe("StatsCache", () => {
  const counter = () => {
    let calls = 0;
    return { calls: () => calls, compute: async () => (calls += 1) };
  };
  it("computes once for all who ask at the same time, and again when the answer is old", async () => {
    const cache = new StatsCache(45_000);
    const { calls, compute } = counter();
    await Promise.all(Array.from({ length: 200 }, () => cache.get("k", 0, compute)));
    expect(calls()).toBe(1);
    expect(await cache.get("k", 44_999, compute)).toBe(1);
    expect(await cache.get("k", 45_000, compute)).toBe(2);
  });
  it("tells a failure to all who waited and forgets it", async () => {
    const cache = new StatsCache();
    const fail = () => Promise.reject(new Error("away"));
    const both = await Promise.allSettled([cache.get("k", 0, fail), cache.get("k", 0, fail)]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await cache.get("k", 1, async () => "well")).toBe("well");
  });
  it("keeps 500 at most, and those that were used last", async () => {
    const cache = new StatsCache();
    const { calls, compute } = counter();
    for (let n = 0; n < 500; n += 1) await cache.get(`k${n}`, 0, compute);
    await cache.get("k0", 1, compute);
    await cache.get("new", 1, compute);
    expect(cache.size).toBe(500);
    await cache.get("k0", 2, compute);
    expect(calls()).toBe(501);
    await cache.get("k1", 2, compute);
    expect(calls()).toBe(502);
  });
});

it("current_user is a label while nobody is signed in, and nothing beside a signed-in name", () => {
  expect(userOf({ ...admin("local"), kind: "api" }, "ann")).toBe("ann");
  expect(userOf({ ...admin("local"), kind: "api" }, null)).toBe("local");
  expect(userOf(admin("bob"), "ann")).toBe("bob");
});

it("success rate: what went well of what was carried out", () => {
  expect(successRate({ completed: 2, hold: 1, failed: 1, skipped: 9, cancelled: 9, running: 9 })).toBe(0.75);
  expect(successRate({ skipped: 3 })).toBeNull();
  expect(totalOf({ completed: 2, skipped: 3 })).toBe(5);
});

it("bars cover the time with whole ones, never more than asked for, whatever its length", () => {
  const from = Date.parse("2026-03-04T10:20:00Z");
  for (let length = 1_000; length < 300 * 365 * DAY_MS; length *= 1.7) {
    for (const most of [2, 10, 60]) {
      const { startMs, widthMs, count } = barsOf(from, from + length, most);
      expect(count).toBeLessThanOrEqual(most);
      expect(startMs <= from && startMs + count * widthMs >= from + length && count * widthMs < length + 2 * widthMs).toBe(true);
    }
  }
  expect(barsOf(from, from + DAY_MS, 30)).toEqual({ startMs: Date.parse("2026-03-04T10:00:00Z"), widthMs: HOUR_MS, count: 25 });
  expect(new Date(barsOf(from, from + 60 * DAY_MS, 12).startMs).getUTCDay()).toBe(1);
});

it("a bucket stands for each of its durations within half of its width, and a rounding", () => {
  expect(durationOfBucket(-1)).toBe(0);
  for (let ms = 1; ms < 2_147_483_647; ms = Math.ceil(ms * 1.013)) {
    const told = durationOfBucket(Math.floor(Math.log(ms) / Math.log(DURATION_STEP)));
    expect(Math.abs(told - ms) / ms).toBeLessThanOrEqual(DURATION_STEP ** 0.5 - 1 + 0.5 / ms);
  }
});
