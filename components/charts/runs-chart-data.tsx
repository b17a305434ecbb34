import type { RunStatus } from "#lib/runs/rules";

/** Runs that were triggered from `start` (epoch in ms) on, for one bucket's width. */
export type ChartBucket = { start: number; counts: Partial<Record<RunStatus, number>>; durationMs: { p50: number; p95: number } | null };

/** From the foot of a bar up: what failed stands where it is seen. */
export const STACK_ORDER: RunStatus[] = ["failed", "partial", "cancelled", "skipped", "hold", "completed", "running", "pending"];
