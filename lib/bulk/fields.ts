/** What can be done to every run that matches a filter, and how it went. Isomorphic. */
import { BulkKind, BulkResult, BulkStatus } from "#lib/db/generated/enums";

export { BulkKind, BulkResult, BulkStatus };
export const BULK_KINDS = Object.values(BulkKind);
export const BULK_RESULTS = Object.values(BulkResult);

/** Runs of one set at most: a larger one is done in several goes, each looked at before it is begun. */
export const MAX_BULK_RUNS = 10_000;
/** Runs per second. */
export const DEFAULT_RATE = 5;
export const MAX_RATE = 50;
/** Runs that a preview shows. */
export const SAMPLE_RUNS = 10;

/** The words of each kind: `Retry 12 runs`, `12 runs were retried`. */
export const BULK_WORDS: Record<BulkKind, { verb: string; done: string; doing: string }> = {
  retry: { verb: "Retry", done: "retried", doing: "Retrying" },
  cancel: { verb: "Cancel", done: "cancelled", doing: "Cancelling" },
};

/** Why nothing is done to a run, with the words for many of them: `3 have not ended`. */
export const UNFIT_REASONS = {
  ended: "have ended already",
  notEnded: "have not ended yet",
  succeeded: "did not fail",
  handled: "were put right by a retry",
} as const;
export type UnfitReason = keyof typeof UNFIT_REASONS;
export type UnfitCounts = Partial<Record<UnfitReason, number>>;

export const isOpen = (status: BulkStatus): boolean => status === "pending" || status === "running";
