const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * A length of time in its two largest units: `830ms`, `12.4s`, `3m 05s`, `1h 04m`, `2d 3h`.
 *
 * Rounded before the unit is chosen, so that 59.96 s reads `1m 00s` and never `60.0s`.
 * Below zero (two clocks that disagree) reads `0ms`.
 *
 * @param ms milliseconds
 */
export function formatDuration(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < SECOND_MS) return `${whole}ms`;
  const tenths = Math.round(whole / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)}s`;
  const seconds = Math.round(whole / SECOND_MS);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  const minutes = Math.round(whole / MINUTE_MS);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
  const hours = Math.round(whole / HOUR_MS);
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

const two = (n: number): string => String(n).padStart(2, "0");

export { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS };
