import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CronText, cronInWords, groupStatus, healthOf, newestSlots, nextSlots, planSlots, waitsWhenBusy, ZoneName } from "./rules.ts";

const slots = (cron: string, zone: string, from: string, n: number) => nextSlots(cron, zone, new Date(from), n).map((slot) => slot.toISOString().slice(0, 16));

describe("changes of clocks", () => {
  it.each([
    // Berlin leaves out 02:00 to 03:00 on 29 March 2026 and has it twice on 25 October.
    ["a fixed time that does not exist runs at the first moment after", "30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", ["2026-03-29T01:00", "2026-03-30T00:30"]],
    ["two that do not exist are one", "0,30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", ["2026-03-29T01:00", "2026-03-30T00:00"]],
    ["one that does not exist and falls on one that does is one", "0 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00Z", ["2026-03-29T01:00", "2026-03-30T00:00"]],
    ["what recurs within the hour that is left out has none", "*/30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", ["2026-03-30T00:00", "2026-03-30T00:30"]],
    ["a fixed time that comes twice runs once", "30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", ["2026-10-25T00:30", "2026-10-26T01:30"]],
    ["every hour is every hour", "0 * * * *", "Europe/Berlin", "2026-10-24T23:30Z", ["2026-10-25T00:00", "2026-10-25T01:00", "2026-10-25T02:00"]],
    ["what recurs runs in both hours", "*/30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", ["2026-10-25T00:00", "2026-10-25T00:30", "2026-10-25T01:00", "2026-10-25T01:30", "2026-10-26T01:00"]],
    ["from within the second of the two", "30 2 * * *", "Europe/Berlin", "2026-10-25T01:10Z", ["2026-10-26T01:30"]],
    // New York leaves out 02:00 to 03:00 on 8 March 2026 and has 01:00 to 02:00 twice on 1 November.
    ["a fixed time that does not exist, elsewhere", "30 2 * * *", "America/New_York", "2026-03-07T12:00Z", ["2026-03-08T07:00", "2026-03-09T06:30"]],
    ["a fixed time that comes twice, elsewhere", "30 1 * * *", "America/New_York", "2026-10-31T12:00Z", ["2026-11-01T05:30", "2026-11-02T06:30"]],
    ["midnight is midnight on either side", "@daily", "America/New_York", "2026-10-31T12:00Z", ["2026-11-01T04:00", "2026-11-02T05:00"]],
    ["a change of half an hour", "15 2 * * *", "Australia/Lord_Howe", "2026-10-02T18:00Z", ["2026-10-03T15:30", "2026-10-04T15:15"]],
    ["leap days", "0 0 29 2 *", "UTC", "2026-01-01T00:00Z", ["2028-02-29T00:00", "2032-02-29T00:00"]],
    ["leap days of a century", "0 0 29 2 *", "UTC", "2097-01-01T00:00Z", ["2104-02-29T00:00"]],
  ])("%s: %s in %s", (_, cron, zone, from, expected) => expect(slots(cron, zone, from, expected.length)).toEqual(expected));
});

/** Expressions of every form, dense and sparse, six fields with seconds that are far enough apart. */
const minute = fc.oneof(fc.constant("*"), fc.nat(59).map(String), fc.integer({ min: 1, max: 30 }).map((n) => `*/${n}`), fc.uniqueArray(fc.nat(59), { minLength: 1, maxLength: 4 }).map((list) => list.join(",")));
const hour = fc.oneof(fc.constant("*"), fc.nat(23).map(String), fc.constantFrom("1", "2", "3", "1-3", "2,3", "*/2", "*/5", "22-23"));
const day = fc.oneof({ weight: 4, arbitrary: fc.constant("*") }, fc.integer({ min: 1, max: 28 }).map(String), fc.constantFrom("L", "29", "*/10", "15W"));
const month = fc.oneof({ weight: 3, arbitrary: fc.constant("*") }, fc.constantFrom("3", "10", "11", "3,10", "*/3", "JAN"));
const weekday = fc.oneof({ weight: 3, arbitrary: fc.constant("*") }, fc.constantFrom("SUN", "0", "7", "1-5", "MON", "FRI#2", "5L"));
const second = fc.option(fc.constantFrom("0", "*/10", "0,30", "59", "5-50/15"));
const anyCron = fc.tuple(second, minute, hour, day, month, weekday).map(([seconds, ...rest]) => [...(seconds === null ? [] : [seconds]), ...rest].join(" "));
const anyZone = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Africa/Casablanca", "Pacific/Apia", "America/Sao_Paulo");
/** Any moment of eleven years, and often one near a change of clocks. */
const anyStart = fc.oneof(
  fc.date({ min: new Date("2020-01-01"), max: new Date("2031-01-01"), noInvalidDate: true }),
  fc.tuple(fc.constantFrom("2026-03-29T01:00Z", "2026-10-25T01:00Z", "2026-03-08T07:00Z", "2026-11-01T06:00Z", "2027-02-07T02:00Z", "2026-10-03T15:30Z"), fc.integer({ min: -8_000, max: 8_000 })).map(([at, offset]) => new Date(new Date(at).getTime() + offset * 1_000)),
);

describe("slots", () => {
  it("always rise, never repeat, and are the same however they are asked for", () => {
    fc.assert(
      fc.property(anyCron, anyZone, anyStart, (text, zone, from) => {
        const cron = CronText.parse(text);
        const found = nextSlots(cron, zone, from, 60);
        expect(found.length).toBe(60);
        let before = from;
        for (const slot of found) {
          expect(slot.getTime()).toBeGreaterThan(before.getTime());
          expect(slot.getTime() % 1_000).toBe(0);
          before = slot;
        }
        // One after another, as the ticker asks.
        let at = from;
        for (const slot of found.slice(0, 20)) {
          [at] = nextSlots(cron, zone, at, 1) as [Date];
          expect(at).toEqual(slot);
        }
        // And backwards, as it asks after a time without workers.
        const [first, last] = [found[0] as Date, found.at(-1) as Date];
        expect(newestSlots(cron, zone, { since: first, until: last, n: 60 })).toEqual({ slots: found, isMore: false });
        expect(newestSlots(cron, zone, { since: first, until: new Date(last.getTime() + 500), n: 10 })).toEqual({ slots: found.slice(-10), isMore: true });
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  it("a moment that is a slot is not its own next, and a part of a second is no slot", () => {
    expect(slots("* * * * *", "UTC", "2026-01-01T00:01:00.000Z", 1)).toEqual(["2026-01-01T00:02"]);
    expect(slots("* * * * *", "UTC", "2026-01-01T00:00:59.999Z", 1)).toEqual(["2026-01-01T00:01"]);
  });
});

describe("what may be asked for", () => {
  it.each([["0 6 * * 1-5"], ["@daily"], ["*/10 * * * * *"], ["0 0 6 * * *"], ["0 0 L * *"], ["0 0 * * FRI#2"], ["0 0 1 * +MON"], ["5,25,45 * * * * *"]])("%s", (cron) => expect(CronText.parse(cron)).toBe(cron));
  it("is tidied", () => expect([" 0  6 * *\t1 ", "@Daily"].map((text) => CronText.parse(text))).toEqual(["0 6 * * 1", "@daily"]));

  it.each([
    ["", /^Say when/],
    ["* * *", /^It has 3 fields/],
    ["2026-12-01T00:00:00", /^It has 1 field, and wants five/],
    ["* * * * * * *", /^It has 7 fields/],
    ["61 * * * *", /^It cannot be read: Invalid value for minute: 61\.$/],
    ["a b c d e", /^It cannot be read/],
    ["*/0 * * * *", /^It cannot be read/],
    ["0 0 30 2 *", /^It never fires/],
    ["0 0 31 2,4,6,9,11 *", /^It never fires/],
    ["@reboot", /^There is no nickname @reboot\. There are @hourly/],
    ["* * * * * *", /less than 10 s apart/],
    ["*/5 * * * * *", /less than 10 s apart/],
    ["0,55 * * * * *", /less than 10 s apart/],
    [`0 0 ${"1,".repeat(150)}1 * *`, /200 characters/],
  ])("%.40j is refused", (cron, message) => expect(CronText.safeParse(cron).error?.issues[0]?.message).toMatch(message));

  it.each(["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"])("%s is a zone", (zone) => expect(ZoneName.parse(zone)).toBe(zone));
  it.each(["", "+01:00", "Mars/Olympus", "Europe/Berlin; drop", "x".repeat(65)])("%.20j is none", (zone) => expect(ZoneName.safeParse(zone).success).toBe(false));

  it("is said in words where there are some", () => {
    expect([cronInWords("0 6 * * 1-5"), cronInWords("@daily"), cronInWords("0 0 1 * +MON")]).toEqual(["At 06:00, Monday through Friday", "At 00:00", null]);
  });
});

describe("what becomes of due slots", () => {
  const now = new Date("2026-01-01T12:00:00Z");
  const ago = (...seconds: number[]) => seconds.map((second) => new Date(now.getTime() - second * 1_000));
  const plan = (misfire: "skip" | "once" | "all", due: Date[], waiting = 0) => planSlots(due, { now, misfire, waiting }).map(({ act }) => act).join(" ");

  it.each([
    ["skip", [1], "start"],
    ["skip", [3_600, 61, 60, 1], "skip skip start start"],
    ["skip", [3_600], "skip"],
    ["once", [7_200, 3_600, 61], "skip skip start"],
    ["once", [7_200], "start"],
    ["all", [1], "start"],
    ["all", [7_200, 3_600, 1], "wait wait wait"],
  ] as const)("%s, late by %j s: %s", (misfire, late, expected) => expect(plan(misfire, ago(...late))).toBe(expected));

  it("what comes on time stands behind what is made up for; the line has an end", () => {
    expect(plan("all", ago(1), 5)).toBe("wait");
    expect(plan("all", ago(2, 1), 99)).toBe("wait skip");
    expect(waitsWhenBusy({ misfire: "skip", overlap: "skip" }, { waiting: 0, isLate: false })).toBe(false);
    expect(waitsWhenBusy({ misfire: "skip", overlap: "queue" }, { waiting: 0, isLate: false })).toBe(true);
    expect(waitsWhenBusy({ misfire: "skip", overlap: "queue" }, { waiting: 1, isLate: false })).toBe(false);
    expect(waitsWhenBusy({ misfire: "all", overlap: "skip" }, { waiting: 0, isLate: true })).toBe(true);
  });
});

it("a group is as its runs are: what goes on, then what went worst", () => {
  expect([[], ["pending", "pending"], ["completed", "pending"], ["running"], ["completed", "failed", "skipped"], ["completed", "skipped"], ["skipped"]].map((list) => groupStatus(list as never))).toEqual([null, "pending", "running", "running", "failed", "completed", "skipped"]);
});

it("health: what nobody starts comes first", () => {
  const now = new Date("2026-01-01T12:00:00Z");
  const of = (more: Partial<Parameters<typeof healthOf>[0]>) => healthOf({ paused: false, nextSlot: new Date("2026-01-01T13:00:00Z"), now, latest: [], ...more });
  expect(of({})).toBe("new");
  expect(of({ paused: true, nextSlot: null })).toBe("paused");
  expect(of({ nextSlot: new Date("2026-01-01T11:59:00Z"), latest: [{ outcome: "refused", status: null }] })).toBe("late");
  expect(of({ latest: [{ outcome: "refused", status: null }, { outcome: "started", status: "completed" }] })).toBe("refused");
  expect(of({ latest: [{ outcome: "started", status: "running" }, { outcome: "skipped", status: null }, { outcome: "started", status: "failed" }] })).toBe("failing");
  expect(of({ latest: [{ outcome: "started", status: "completed" }, { outcome: "started", status: "failed" }] })).toBe("ok");
});
