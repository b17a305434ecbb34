import fc from "fast-check";
import { expect, it } from "vitest";
import { durationTicksOf, ticksOf } from "./ticks.ts";

it("steps are round, begin at 0 and reach what they are for", () => {
  expect(ticksOf(0, 4)).toEqual([0, 1]);
  expect(ticksOf(3, 4)).toEqual([0, 1, 2, 3]);
  expect(ticksOf(7, 4)).toEqual([0, 2, 4, 6, 8]);
  expect(ticksOf(1_234, 4)).toEqual([0, 500, 1_000, 1_500]);
  expect(durationTicksOf(700, 2)).toEqual([0, 500, 1_000]);
  expect(durationTicksOf(150_000, 2)).toEqual([0, 120_000, 240_000]);
  expect(durationTicksOf(40 * 60_000, 2)).toEqual([0, 20 * 60_000, 40 * 60_000]);
});

it("never more steps than asked, whatever the numbers", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 2, max: 8 }), (most, count) => {
      for (const ticks of [ticksOf(most, count), durationTicksOf(most, count)]) {
        expect(ticks.length - 1).toBeLessThanOrEqual(count);
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(most);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
      }
    }),
  );
});
