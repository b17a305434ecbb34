import fc from "fast-check";
import { expect, test } from "vitest";
import { type Coverage, type DayCounts, addDays, compareJobs, daysBetween, drawdowns, isWeekend, jobStatus, periodMetrics, printMicros, toCents, toMicros, tradingCalendar } from "./rules.ts";

const counts = (some: Partial<DayCounts>): DayCounts => ({ pending: 0, running: 0, completed: 0, failed: 0, skipped: 0, cancelled: 0, ...some });

test("a job's status follows from its model-days", () => {
  expect(jobStatus("pending", counts({ pending: 4 }))).toBe("pending");
  // The run plans; no model-day has begun.
  expect(jobStatus("running", counts({ pending: 4 }))).toBe("pending");
  expect(jobStatus("running", counts({ pending: 3, running: 1 }))).toBe("running");
  expect(jobStatus("running", counts({ pending: 3, completed: 1 }))).toBe("running");
  expect(jobStatus("completed", counts({ completed: 4 }))).toBe("completed");
  expect(jobStatus("completed", counts({ completed: 2, skipped: 2 }))).toBe("completed");
  expect(jobStatus("partial", counts({ completed: 3, failed: 1 }))).toBe("partial");
  expect(jobStatus("failed", counts({ failed: 4 }))).toBe("failed");
  expect(jobStatus("cancelled", counts({ completed: 1, cancelled: 3 }))).toBe("cancelled");
  // Retention has deleted the run.
  expect(jobStatus(null, counts({ completed: 3, failed: 1 }))).toBe("partial");
});

test("amounts: what is printed is read back, exactly; anything else throws", () => {
  fc.assert(fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), (micros) => toMicros(printMicros(micros)) === micros));
  expect(toMicros("12.5")).toBe(12_500_000n);
  expect(toMicros("0.000001")).toBe(1n);
  expect(() => toMicros("1e6")).toThrow(RangeError);
  expect(() => toMicros("0.0000001")).toThrow(RangeError);
  expect(toCents(1_234_567n)).toBe(1.23);
  expect(toCents(-1_235_000n)).toBe(-1.24);
});

const coverage = (days: Record<string, string[]>, symbols = ["A", "B"]): Coverage => {
  const dates = Object.keys(days).toSorted();
  return { symbols, priced: new Map(Object.entries(days).map(([date, names]) => [date, new Set(names)])), first: dates[0] ?? null, last: dates.at(-1) ?? null };
};

test("a weekend is no gap, a weekday without any price inside of the data is a holiday, one symbol missing is a gap", () => {
  // 2025-01-17 is a Friday, 2025-01-20 the Monday after.
  const calendar = tradingCalendar("2025-01-16", "2025-01-24", coverage({ "2025-01-15": ["A", "B"], "2025-01-16": ["A", "B"], "2025-01-17": ["A", "B"], "2025-01-21": ["A"], "2025-01-22": ["A", "B"] }));
  expect(calendar.dates).toEqual(["2025-01-16", "2025-01-17", "2025-01-21", "2025-01-22", "2025-01-23", "2025-01-24"]);
  expect(calendar.holidays).toEqual(["2025-01-20"]);
  expect(calendar.unusable.get("2025-01-21")).toBe("Incomplete price data: no price of B");
  expect(calendar.unusable.get("2025-01-23")).toBe("Incomplete price data: no price of any symbol");
  expect([...calendar.unusable.keys()]).toEqual(["2025-01-21", "2025-01-23", "2025-01-24"]);
});

test("whatever the prices, each date of the range is once a trading date, a holiday or a weekend", () => {
  const date = fc.integer({ min: 0, max: 60 }).map((offset) => addDays("2025-01-01", offset));
  const days = fc.dictionary(date, fc.subarray(["A", "B"]));
  fc.assert(fc.property(days, fc.integer({ min: 0, max: 60 }), (priced, length) => {
    const { dates, holidays, unusable } = tradingCalendar("2025-01-01", addDays("2025-01-01", length), coverage(priced));
    const seen = new Set([...dates, ...holidays]);
    expect(seen.size).toBe(dates.length + holidays.length);
    for (let at = 0; at <= length; at += 1) {
      const one = addDays("2025-01-01", at);
      if (!seen.has(one)) expect(isWeekend(one)).toBe(true);
    }
    for (const one of dates) expect(unusable.has(one)).toBe(!(["A", "B"].every((symbol) => priced[one]?.includes(symbol))));
  }));
});

test("period results equal an independent reckoning", () => {
  fc.assert(fc.property(fc.array(fc.record({ gap: fc.integer({ min: 1, max: 5 }), value: fc.bigInt({ min: 5_000_000_000n, max: 20_000_000_000n }) }), { minLength: 1, maxLength: 40 }), (rows) => {
    let date = "2024-02-20";
    const days = rows.map(({ gap, value }) => {
      date = addDays(date, gap);
      return { date, startingValue: value, endingValue: value };
    });
    const start = Number(rows[0]?.value) / 1e6;
    const end = Number(rows.at(-1)?.value) / 1e6;
    const length = (Date.parse(date) - Date.parse(days[0]?.date ?? "")) / 86_400_000 + 1;
    const metrics = periodMetrics(days);
    expect(metrics.calendar_days).toBe(length);
    expect(metrics.trading_days).toBe(rows.length);
    const near = (got: number, exact: number) => expect(Math.abs(got - exact)).toBeLessThanOrEqual(0.0051 + Math.abs(exact) * 1e-9);
    near(metrics.period_return_pct, (end / start - 1) * 100);
    const annual = (Math.exp((Math.log(end / start) * 365) / length) - 1) * 100;
    if (annual < 1e12) near(metrics.annualized_return_pct, annual);
  }));
});

test("a gain of a day that no year can hold is told as 0, not as what JSON has no word for", () => {
  const days = [{ date: "2025-01-02", startingValue: 1n, endingValue: 1n }, { date: "2025-01-03", startingValue: 1n, endingValue: 10n ** 15n }];
  expect(periodMetrics(days)).toMatchObject({ annualized_return_pct: 0, calendar_days: 2 });
});

test("nothing, a worthless start and a total loss have results of zero instead of NaN", () => {
  expect(periodMetrics([])).toMatchObject({ period_return_pct: 0, annualized_return_pct: 0, trading_days: 0 });
  expect(periodMetrics([{ date: "2025-01-02", startingValue: 0n, endingValue: 5n }])).toMatchObject({ period_return_pct: 0, annualized_return_pct: 0, calendar_days: 1 });
  expect(periodMetrics([{ date: "2025-01-02", startingValue: 5n, endingValue: 0n }])).toMatchObject({ period_return_pct: -100, annualized_return_pct: 0 });
});

test("drawdown is the distance to the highest value so far", () => {
  expect(drawdowns([100, 120, 90, 130])).toEqual([0, 0, -25, 0]);
  expect(daysBetween("2024-02-28", "2024-03-01")).toBe(2);
});

// Two jobs of other days were said to be the same to the cent.
test("jobs are compared by the days on which both traded: none is no likeness", () => {
  const day = (date: string, endingValue: string) => ({ model: "cash", date, startingValue: "100", endingValue, endingCash: endingValue, dailyReturnPercent: 0, positions: [] });
  const first = [day("2025-01-16", "100"), day("2025-01-17", "101")];
  expect(compareJobs(first, [day("2025-01-20", "100")])).toMatchObject([{ shared: 0, partedOn: null }]);
  expect(compareJobs(first, first)).toMatchObject([{ shared: 2, partedOn: null }]);
  expect(compareJobs(first, [day("2025-01-17", "99"), day("2025-01-20", "99")])).toMatchObject([{ shared: 1, partedOn: "2025-01-17" }]);
  expect(compareJobs(first, [{ ...day("2025-01-16", "100"), model: "other" }])).toMatchObject([{ b: null, shared: 0 }, { a: null, shared: 0 }]);
});
