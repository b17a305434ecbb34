const STEPS = [1, 2, 5, 10];

/**
 * Where an axis from 0 to `most` has its lines: `count` steps at most, each 1, 2 or 5 times a power of ten, the last at or above `most`.
 *
 * @param least the smallest step, such as 1 for what is counted
 */
export function ticksOf(most: number, count: number, least = 1): number[] {
  const rough = Math.max(least, most / count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (STEPS.find((one) => one * power >= rough * (1 - Number.EPSILON)) ?? 10);
  return Array.from({ length: Math.max(1, Math.ceil(most / step)) + 1 }, (_, index) => index * step);
}

const SECOND_MS = 1_000;
const UNITS_MS = [86_400_000, 3_600_000, 60_000, SECOND_MS];

/** The same of durations in milliseconds, in steps of whole milliseconds, seconds, minutes, hours or days. */
export function durationTicksOf(mostMs: number, count: number): number[] {
  const unitMs = UNITS_MS.find((one) => mostMs >= one * count) ?? 1;
  return ticksOf(mostMs / unitMs, count).map((tick) => tick * unitMs);
}
