/** What the life of a run and of a unit obeys: pure, isomorphic. */
import { RunPriority, RunStatus, UnitStatus } from "#lib/db/generated/enums";

export { RunPriority, RunStatus, UnitStatus };
export const RUN_STATUSES = Object.values(RunStatus);

export const RUN_PRIORITIES = Object.values(RunPriority);
/** What each is for: how forms offer it. */
export const PRIORITY_WORDS: Record<RunPriority, string> = { high: "High: before others", normal: "Normal: by people", low: "Low: by schedules", lowest: "Lowest: can wait" };

export const FINAL_STATUSES = ["completed", "partial", "hold", "skipped", "failed", "cancelled"] as const satisfies RunStatus[];
export const ACTIVE_STATUSES = ["pending", "running"] as const satisfies RunStatus[];

export const isFinal = (status: RunStatus): boolean => (FINAL_STATUSES as readonly RunStatus[]).includes(status);

/** A retry that ended so has done what the run before it failed to do. */
export const isHandling = (status: RunStatus): boolean => status === "completed" || status === "hold";

/** Which status may follow which; `changeRunStatus` refuses all else. */
export const NEXT_STATUSES: Record<RunStatus, readonly RunStatus[]> = {
  pending: ["running", "skipped", "failed", "cancelled"],
  running: ["completed", "partial", "hold", "skipped", "failed", "cancelled"],
  completed: [],
  partial: [],
  hold: [],
  skipped: [],
  failed: [],
  cancelled: [],
};

/** An upstream run with one of these ends lets the runs that need it start. */
export const lifts = (status: RunStatus, wasBlocked: boolean): boolean =>
  status === "completed" || status === "partial" || status === "hold" || (status === "skipped" && !wasBlocked);

export type RunTally = {
  unitsCompleted: number;
  unitsFailed: number;
  unitsCancelled: number;
  itemsProcessed: number;
  itemsFailed: number;
  cancelRequested: boolean;
  hold: boolean;
  skip?: boolean;
};

/**
 * The status that a run ends with, from its work units and items.
 * Nothing planned at all is `skipped`: there was nothing to do.
 */
export function endStatus(tally: RunTally): RunStatus {
  const { unitsCompleted, unitsFailed, unitsCancelled, itemsProcessed, itemsFailed } = tally;
  if (tally.cancelRequested || unitsCancelled > 0) return "cancelled";
  if (unitsCompleted + unitsFailed === 0) return "skipped";
  if (unitsFailed === 0 && itemsFailed === 0) return tally.skip ? "skipped" : tally.hold ? "hold" : "completed";
  const someSucceeded = itemsProcessed > 0 || (unitsCompleted > 0 && itemsFailed === 0);
  return someSucceeded ? "partial" : "failed";
}
