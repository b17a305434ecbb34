import { type Sql, sql } from "#lib/db/client";
import type { RunStatus, RunTrigger } from "#lib/db/generated/enums";

/** A run as lists show it: light columns only, never its input or output. */
export type RunRow = {
  id: number;
  externalId: string | null;
  pipeline: string;
  stage: string;
  status: RunStatus;
  outcome: string | null;
  reason: string | null;
  triggeredBy: RunTrigger;
  createdBy: string | null;
  createdAt: Date;
  startedAt: Date | null;
  completedAt: Date | null;
  durationMs: number | null;
  itemsProcessed: number;
  itemsFailed: number;
  itemsTotal: number | null;
  unitsTotal: number;
  unitsDone: number;
  unitsFailed: number;
  /** The first 300 characters. */
  errorMessage: string | null;
  retryOf: number | null;
  groupId: number | null;
  /** What it is about: name and value, such as symbol and EURUSD. */
  subjects: [name: string, value: string][];
};

/** What PostgreSQL answers for `RUN_COLUMNS`: ids still as bigint. */
export type StoredRunRow = Omit<RunRow, "id" | "retryOf" | "groupId"> & { id: bigint; retryOf: bigint | null; groupId: bigint | null };

/** The columns of a `RunRow` from `runs r`. */
export const RUN_COLUMNS: Sql = sql`
  r.id, r.external_id as "externalId", r.pipeline, r.stage, r.status, r.outcome, r.reason,
  r.triggered_by as "triggeredBy", r.created_by as "createdBy", r.created_at as "createdAt",
  r.started_at as "startedAt", r.completed_at as "completedAt", r.duration_ms as "durationMs",
  r.items_processed as "itemsProcessed", r.items_failed as "itemsFailed", r.items_total as "itemsTotal",
  r.units_total as "unitsTotal", r.units_done as "unitsDone", r.units_failed as "unitsFailed",
  left(r.error_message, 300) as "errorMessage", r.retry_of as "retryOf", r.group_id as "groupId",
  coalesce((select json_agg(json_build_array(s.key, s.value) order by s.key, s.value) from run_subjects s where s.run_id = r.id), '[]'::json) as subjects`;

/** Ids stay below 2^53 for as long as anyone counts one by one, so they are plain numbers from here on. */
export const toRunRow = (stored: StoredRunRow): RunRow => ({
  ...stored,
  id: Number(stored.id),
  retryOf: stored.retryOf === null ? null : Number(stored.retryOf),
  groupId: stored.groupId === null ? null : Number(stored.groupId),
});
