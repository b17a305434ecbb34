/** What a stage's other runs say about one run. Pure, isomorphic. */
import { formatDuration } from "#lib/format/duration";

/** How long the stage's last completed runs took, in milliseconds. */
export type ExpectedDuration = { p50Ms: number; p95Ms: number; /** How many runs it is made of. */ runs: number };

/** Fewer runs say nothing about the next one. */
export const LEAST_RUNS = 3;

/** By how many milliseconds a run is past what is usual (the 95th percentile); 0 while it is not. */
export const lateByMs = (expected: ExpectedDuration, elapsedMs: number): number => Math.max(0, Math.round(elapsedMs - expected.p95Ms));

/** "usually 40s to 1m 10s", with the lateness when there is one worth saying (a second and more). */
export function describeExpectation(expected: ExpectedDuration, elapsedMs: number): string {
  const [low, high] = [formatWhole(expected.p50Ms), formatWhole(expected.p95Ms)];
  const usual = low === high ? `usually ${low}` : `usually ${low} to ${high}`;
  const late = lateByMs(expected, elapsedMs);
  return late >= 1_000 ? `${usual}; late by ${formatWhole(late)}` : usual;
}

/** Tenths of seconds would pretend to know. */
const formatWhole = (ms: number): string => formatDuration(ms < 1_000 ? ms : Math.round(ms / 1_000) * 1_000).replace(/\.0s$/, "s");
