/** How long a bar is, by its usual names. Pure, isomorphic. */
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The length of a bar in minutes. */
export const TIMEFRAMES = { M1: 1, M5: 5, M15: 15, M30: 30, H1: 60, H4: 240, D1: 1_440, W1: 10_080 } as const;
export type Timeframe = keyof typeof TIMEFRAMES;
export const TIMEFRAME_NAMES = Object.keys(TIMEFRAMES) as Timeframe[];

export const isTimeframe = (name: string): name is Timeframe => Object.hasOwn(TIMEFRAMES, name);
export const barMs = (timeframe: Timeframe): number => TIMEFRAMES[timeframe] * MINUTE_MS;

const OTHER_NAMES: Record<string, Timeframe> = { "1M": "M1", "5M": "M5", "15M": "M15", "30M": "M30", "1H": "H1", "60M": "H1", "4H": "H4", "1D": "D1", D: "D1", DAILY: "D1", DAY: "D1", "1W": "W1", W: "W1", WEEKLY: "W1", HOURLY: "H1" };

/** The timeframe that a person means by `daily`, `1h` or `m15`; null when it is none. */
export function findTimeframe(name: string): Timeframe | null {
  const spelled = name.trim().toUpperCase().replace(/^PERIOD_/, "").replace(/(\d+)MIN(UTES?)?$/, "$1M");
  return isTimeframe(spelled) ? spelled : (OTHER_NAMES[spelled] ?? null);
}

/** A hole between two bars that follow each other: how many bars are missing in it. */
export type Gap = { after: Date; before: Date; missing: number };

/** Over this many hours an intraday hole is no weekend any more. */
const LONGEST_CLOSE_MS = 80 * 3_600_000;

/**
 * What is missing between two bars that follow each other, or null. Markets close: weekends are no hole in daily bars,
 * nor is one working day (a holiday); in intraday bars no pause that crosses midnight UTC and lasts up to a weekend is.
 */
export function gapBetween(after: Date, before: Date, timeframe: Timeframe): Gap | null {
  const [from, to] = [after.getTime(), before.getTime()];
  const length = barMs(timeframe);
  if (to - from <= length) return null;
  if (timeframe === "W1") return to - from > 10 * DAY_MS ? { after, before, missing: Math.round((to - from) / length) - 1 } : null;
  if (timeframe === "D1") {
    const missing = workingDaysBetween(from, to);
    return missing > 1 ? { after, before, missing } : null;
  }
  const crossesMidnight = Math.floor(from / DAY_MS) !== Math.floor(to / DAY_MS);
  if (crossesMidnight && to - from <= LONGEST_CLOSE_MS) return null;
  return { after, before, missing: Math.round((to - from) / length) - 1 };
}

/** Mondays to Fridays strictly between two days, by whole weeks and a rest. */
function workingDaysBetween(from: number, to: number): number {
  const first = Math.floor(from / DAY_MS) + 1;
  const days = Math.floor(to / DAY_MS) - first;
  let count = Math.floor(Math.max(0, days) / 7) * 5;
  for (let day = first + Math.floor(Math.max(0, days) / 7) * 7; day < first + days; day += 1) {
    // Day 0 of the epoch was a Thursday.
    const weekday = (day + 4) % 7;
    if (weekday !== 0 && weekday !== 6) count += 1;
  }
  return count;
}
