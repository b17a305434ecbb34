/** Which runs an act fits, and what it comes to: pure, isomorphic. */
import { isFinal, isHandling, RUN_STATUSES, type RunStatus } from "#lib/runs/rules";
import type { BulkKind, BulkStatus, UnfitCounts, UnfitReason } from "./fields.ts";

/** Why the act does not fit a run; null when it does. `isHandled`: a retry of it has succeeded. */
export function unfitReason(kind: BulkKind, status: RunStatus, isHandled: boolean): UnfitReason | null {
  if (kind === "cancel") return isFinal(status) ? "ended" : null;
  if (!isFinal(status)) return "notEnded";
  if (isHandling(status)) return "succeeded";
  return isHandled ? "handled" : null;
}

/** Statuses that the act may fit: what the database is asked for. */
export const fittingStatuses = (kind: BulkKind): RunStatus[] => RUN_STATUSES.filter((status) => unfitReason(kind, status, false) === null);

/** The same reason as a sentence about one run. */
export function explainUnfit(reason: UnfitReason, status: RunStatus): string {
  switch (reason) {
    case "ended":
      return `It had ended already: it is ${status}.`;
    case "notEnded":
      return `It has not ended: it is ${status}.`;
    case "succeeded":
      return `It did not fail: it is ${status}.`;
    case "handled":
      return "A retry of it has succeeded already.";
  }
}

/** How many the act fits, and why not the others, from counts by status; `handled` of them were put right by a retry. */
export function countFitting(kind: BulkKind, counts: Partial<Record<RunStatus, number>>, handled: number): { count: number; cannot: UnfitCounts } {
  const cannot: UnfitCounts = {};
  let count = 0;
  for (const status of RUN_STATUSES) {
    const runs = counts[status] ?? 0;
    const reason = unfitReason(kind, status, false);
    if (reason === null) count += runs;
    else if (runs > 0) cannot[reason] = (cannot[reason] ?? 0) + runs;
  }
  // Counted a moment later than the statuses: never more than there are.
  const put = Math.min(handled, count);
  if (put > 0) cannot.handled = put;
  return { count: count - put, cannot };
}

/** How a set that is through has ended: `failed` when not one run of it succeeded and at least one failed. */
export const endOf = ({ done, failed }: { done: number; failed: number }): BulkStatus => (done === 0 && failed > 0 ? "failed" : "completed");

/**
 * How long the rest will take, in milliseconds: at the pace so far, which knows of runs that wait, at most as fast as
 * the rate allows.
 *
 * @param acted runs dealt with since it was begun, `elapsedMs` ago
 */
export function estimateRest({ left, rate, acted, elapsedMs }: { left: number; rate: number; acted: number; elapsedMs: number }): number {
  const atRate = (left * 1_000) / rate;
  return Math.round(acted > 0 ? Math.max(atRate, (left * elapsedMs) / acted) : atRate);
}
