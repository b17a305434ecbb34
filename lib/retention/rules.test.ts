import { expect, it } from "vitest";
import { cutoffsOf, isNightlyDue, parseDays, sayPruned } from "./rules.ts";

it.each<[string, number | null]>([["30d", 30], ["4w", 28], ["7", 7], ["0", 0], [" 1d ", 1], ["", null], ["d", null], ["-3d", null], ["1.5d", null], ["30 days", null], ["99999w", null]])("reads %j as %j days", (text, days) => {
  expect(parseDays(text)).toBe(days);
});

it("keeps for ever what is kept for 0 days", () => {
  const now = new Date("2026-11-21T12:00:00Z");
  expect(cutoffsOf({ runDays: 0, payloadDays: 2 }, now)).toEqual({ runs: null, payloads: new Date("2026-11-19T12:00:00Z") });
  expect(cutoffsOf({ runDays: 1, payloadDays: 0 }, now)).toEqual({ runs: new Date("2026-11-20T12:00:00Z"), payloads: null });
});

it("works at night once, and by day only when no night has come for long", () => {
  const now = new Date("2026-11-21T03:00:00Z");
  const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
  expect(isNightlyDue(hoursAgo(1), now, 3)).toBe(false);
  expect(isNightlyDue(hoursAgo(24), now, 3)).toBe(true);
  expect(isNightlyDue(hoursAgo(24), now, 14)).toBe(false);
  expect(isNightlyDue(hoursAgo(24), now, 5)).toBe(false);
  expect(isNightlyDue(hoursAgo(40), now, 14)).toBe(true);
});

it("says what was removed, whatever the event holds", () => {
  expect(sayPruned({ runs: 12_204, stripped: 1 })).toBe("12\u2009204 runs and 1 run's payloads");
  expect(sayPruned({ runs: 1, stripped: 0 })).toBe("1 run");
  expect(sayPruned({ events: 3 })).toBe("old events");
  expect(sayPruned({ runs: "many", stripped: null })).toBe("old events");
});
