import { type Sql, sql } from "#lib/db/client";
import type { ErrorGroupStatus } from "../rules.ts";

/** An error group as lists show it. */
export type ErrorGroupRow = {
  id: number;
  pipeline: string;
  stage: string;
  step: string | null;
  errorClass: string;
  /** The message of the latest failure; in a list its first 300 characters. */
  sampleMessage: string;
  status: ErrorGroupStatus;
  count: number;
  /** Runs that have failed with it, those deleted since included. */
  runs: number;
  firstSeen: Date;
  lastSeen: Date;
  /** Versions of Penstock. */
  versionFirst: string;
  versionLast: string;
  /** How often it came back after it had been resolved. */
  regressions: number;
  reopenedAt: Date | null;
  /** Null when it opened again by itself. */
  reopenedBy: string | null;
};

/** What PostgreSQL answers for the columns below: 64-bit numbers still as bigint. */
export type StoredErrorGroupRow = Omit<ErrorGroupRow, "id" | "count"> & { id: bigint; count: bigint };

/** The columns of a row from `error_groups g`. */
export const ERROR_GROUP_COLUMNS: Sql = sql`
  g.id, g.pipeline, g.stage, g.step, g.error_class as "errorClass", left(g.sample_message, 300) as "sampleMessage", g.status, g.count, g.runs,
  g.first_seen as "firstSeen", g.last_seen as "lastSeen", g.version_first as "versionFirst", g.version_last as "versionLast",
  g.regressions, g.reopened_at as "reopenedAt", g.reopened_by as "reopenedBy"`;

export const toErrorGroupRow = <T extends StoredErrorGroupRow>(stored: T): Omit<T, "id" | "count"> & { id: number; count: number } => ({ ...stored, id: Number(stored.id), count: Number(stored.count) });
