/** Pipelines, schedules, workers, errors and acts on many runs, as answers have them. */
import { z } from "zod";
import { BULK_KINDS } from "#lib/bulk/fields";
import type { BulkRow, BulkRunRow } from "#lib/bulk/queries";
import { CAUSE_PATTERNS, type CauseRule } from "#lib/causes/rules";
import { BulkResult, BulkStatus, ErrorGroupStatus } from "#lib/db/generated/enums";
import type { AffectedRun, ErrorGroupListRow } from "#lib/error-groups/queries";
import { RUN_PRIORITIES } from "#lib/runs/rules";
import { MISFIRES, OVERLAPS } from "#lib/schedules/fields";
import type { ScheduleRow, SlotRow } from "#lib/schedules/queries";
import type { SavedView } from "#lib/views/queries";
import type { WorkerRow } from "#lib/workers/queries";
import { AnyJson, Count, Id, type Printed, Text, When } from "./basics.ts";
import { Run, Status } from "./runs.ts";

const Pause = z.object({ at: When, by: Text, reason: Text.nullable() }).nullable();
export const Stage = z
  .looseObject({
    pipeline: Text, name: Text, title: Text, description: Text, needs: z.array(Text), itemsName: Text, rowsName: Text, manual: z.boolean(), program: Text.nullable(), rows: Count.nullable(), waiting: Count.nullable(), countError: Text.nullable(), lastRun: Run.nullable(), activeRun: Run.nullable(),
    fields: z.array(z.looseObject({ name: Text, kind: z.enum(["integer", "number", "boolean", "text", "choice"]) })), pause: Pause, limit: Count.nullable(), inFlight: Count, inLine: Count,
  })
  .meta({ id: "Stage", description: "What an operator triggers: its parameters are `fields`." });
export const Pipeline = z.object({ name: Text, title: Text, description: Text, pause: Pause, stages: z.array(Stage) }).meta({
  id: "Pipeline",
  examples: [{
    name: "mail", title: "Mail archive", description: "From an archive to who writes what", pause: null,
    stages: [{
      pipeline: "mail", name: "content", title: "Content", description: "Reads the messages", needs: ["metadata"], itemsName: "messages", rowsName: "texts", manual: false, program: null, rows: 1_200, waiting: 3, countError: null, lastRun: null, activeRun: null,
      fields: [{ name: "batch", label: "Batch", kind: "integer", default: 200, min: 1, max: 1_000 }], onBusy: "reject", pause: null, limit: null, declaredLimit: null, inFlight: 0, inLine: 0,
    }],
  }],
});
export const Paused = z.object({ ok: z.boolean(), pausedAt: When, pausedBy: Text, reason: Text.nullable() }).meta({ id: "Paused", description: "`ok` is false when it was paused already; who did it first stays.", examples: [{ ok: true, pausedAt: "2026-03-02T09:30:00.000Z", pausedBy: "ci", reason: "disk is full" }] });
export const Done = z.object({ ok: z.boolean() }).meta({ description: "`ok` is false when it was so already.", examples: [{ ok: true }] });
export const Made = z.object({ id: Id }).meta({ id: "Made", examples: [{ id: 4 }] });

export const Slot = z
  .object({ slot: When, outcome: Text, reason: Text.nullable(), runId: Id.nullable(), status: Status.nullable(), askedBy: Text.nullable(), decidedAt: When })
  .meta({ id: "Slot", examples: [{ slot: "2026-03-02T02:00:00.000Z", outcome: "started", reason: null, runId: 1042, status: "completed", askedBy: null, decidedAt: "2026-03-02T02:00:00.400Z" }] }) satisfies z.ZodType<Omit<Printed<SlotRow>, "outcome">>;
export const Schedule = z
  .object({
    id: Id, name: Text, pipeline: Text, stage: Text.nullable(), hidden: z.boolean(), params: z.record(Text, AnyJson), cron: Text, cronInWords: Text.nullable(), zone: Text, misfire: z.enum(MISFIRES), overlap: z.enum(OVERLAPS), priority: z.enum(RUN_PRIORITIES), paused: z.boolean(), nextSlot: When.nullable(), slotsAhead: z.array(When), latest: z.array(Slot),
    health: Text, createdBy: Text, updatedBy: Text, createdAt: When, updatedAt: When, version: Count,
  })
  .meta({
    id: "Schedule",
    description: "`stage` is null for all stages of the pipeline.",
    examples: [{ id: 4, name: "Nightly", pipeline: "mail", stage: null, hidden: false, params: {}, cron: "0 2 * * *", cronInWords: "At 02:00", zone: "Europe/Berlin", misfire: "skip", overlap: "skip", priority: "low", paused: false, nextSlot: "2026-03-03T01:00:00.000Z", slotsAhead: ["2026-03-03T01:00:00.000Z"], latest: [], health: "fine", createdBy: "ci", updatedBy: "ci", createdAt: "2026-03-01T10:00:00.000Z", updatedAt: "2026-03-01T10:00:00.000Z", version: 1 }],
  }) satisfies z.ZodType<Omit<Printed<ScheduleRow>, "health" | "latest" | "params">>;
export const SchedulePaused = z.object({ ok: z.boolean(), paused: z.boolean(), nextSlot: When.nullable() }).meta({ examples: [{ ok: true, paused: true, nextSlot: null }] });

export const Worker = z
  .object({
    id: Id, host: Text, pid: Count, version: Text, concurrency: Count, alive: z.boolean(), startedAt: When, heartbeatAt: When.nullable(), stoppedAt: When.nullable(), stopReason: Text.nullable(), stages: z.array(Text), drainRequestedAt: When.nullable(), drainRequestedBy: Text.nullable(),
    units: z.array(z.object({ runId: Id, seq: Count, name: Text, startedAt: When.nullable() })),
  })
  .meta({ id: "Worker", examples: [{ id: 7, host: "desk", pid: 4_120, version: "0.1.0", concurrency: 4, alive: true, startedAt: "2026-03-02T08:00:00.000Z", heartbeatAt: "2026-03-02T09:30:00.000Z", stoppedAt: null, stopReason: null, stages: ["mail/content"], drainRequestedAt: null, drainRequestedBy: null, units: [] }] }) satisfies z.ZodType<Printed<WorkerRow>>;

const Trend = z.array(z.object({ at: When, count: Count }));
const group = {
  id: Id, pipeline: Text, stage: Text, step: Text.nullable(), errorClass: Text, sampleMessage: Text, status: z.enum(ErrorGroupStatus), count: Count, runs: Count, firstSeen: When, lastSeen: When, versionFirst: Text, versionLast: Text, regressions: Count, reopenedAt: When.nullable(), reopenedBy: Text.nullable(), days: Trend,
};
const GROUP_EXAMPLE = {
  id: 12, pipeline: "mail", stage: "content", step: "extract", errorClass: "TimeoutError", sampleMessage: "the model did not answer within 60 s", status: "open", count: 91, runs: 4, firstSeen: "2026-02-27T10:00:00.000Z", lastSeen: "2026-03-02T09:14:45.000Z", versionFirst: "0.1.0", versionLast: "0.1.0", regressions: 0,
  reopenedAt: null, reopenedBy: null, days: [{ at: "2026-03-02T00:00:00.000Z", count: 91 }],
};
export const ErrorGroup = z.object(group).meta({ id: "ErrorGroup", description: "Failures of one kind.", examples: [GROUP_EXAMPLE] }) satisfies z.ZodType<Printed<ErrorGroupListRow>>;
export const ErrorGroupWhole = z
  .looseObject({ ...group, fingerprint: Text, normalisedMessage: Text, hours: Trend, resolvedAt: When.nullable(), resolvedBy: Text.nullable(), ignoredAt: When.nullable(), ignoredBy: Text.nullable(), cause: z.object({ title: Text, hint: Text }).nullable() })
  .meta({ id: "ErrorGroupDetail", examples: [{ ...GROUP_EXAMPLE, fingerprint: "b1946ac92492d234", normalisedMessage: "the model did not answer within <n> s", hours: [], resolvedAt: null, resolvedBy: null, ignoredAt: null, ignoredBy: null, cause: null }] });
export const GroupRun = z
  .object({ id: Id, pipeline: Text, stage: Text, status: Status, count: Count, firstAt: When, lastAt: When, unitSeq: Count.nullable(), stepSeq: Count.nullable() })
  .meta({ id: "AffectedRun", examples: [{ id: 1042, pipeline: "mail", stage: "content", status: "failed", count: 3, firstAt: "2026-03-02T09:14:30.000Z", lastAt: "2026-03-02T09:14:45.000Z", unitSeq: 1, stepSeq: 3 }] }) satisfies z.ZodType<Printed<AffectedRun>>;
export const GroupStatus = z.object({ groupId: Id, status: z.enum(ErrorGroupStatus) }).meta({ examples: [{ groupId: 12, status: "resolved" }] });
export const GroupRetried = z
  .object({ results: z.array(z.object({ runId: Id, retriedAs: Id.nullable(), refusal: Text.nullable() })), hasMore: z.boolean() })
  .meta({ description: "`hasMore`: more wait than one go takes; ask again.", examples: [{ results: [{ runId: 1042, retriedAs: 1044, refusal: null }], hasMore: false }] });
export const Cause = z
  .object({ id: Id, kind: z.enum(CAUSE_PATTERNS), pattern: Text, pipeline: Text.nullable(), stage: Text.nullable(), title: Text, hint: Text, position: Count, enabled: z.boolean(), updatedBy: Text, updatedAt: When })
  .meta({ id: "KnownCause", examples: [{ id: 2, kind: "contains", pattern: "no space left", pipeline: null, stage: null, title: "The disk is full", hint: "Free some space.", position: 0, enabled: true, updatedBy: "ann", updatedAt: "2026-03-01T10:00:00.000Z" }] }) satisfies z.ZodType<Printed<CauseRule>>;

const bulk = {
  id: Id, kind: z.enum(BULK_KINDS), status: z.enum(BulkStatus), query: Text, actor: Text, rate: Count, total: Count, done: Count, failed: Count, skipped: Count, leftOut: Count, createdAt: When, startedAt: When.nullable(), completedAt: When.nullable(), abortRequestedAt: When.nullable(), abortedBy: Text.nullable(),
};
const BULK_EXAMPLE = { id: 3, kind: "retry", status: "running", query: "status=failed", actor: "ci", rate: 5, total: 91, done: 10, failed: 0, skipped: 1, leftOut: 1, createdAt: "2026-03-02T09:30:00.000Z", startedAt: "2026-03-02T09:30:00.100Z", completedAt: null, abortRequestedAt: null, abortedBy: null };
export const Bulk = z.object(bulk).meta({ id: "BulkAction", examples: [BULK_EXAMPLE] }) satisfies z.ZodType<Printed<BulkRow>>;
export const BulkWhole = z
  .object({ ...bulk, filter: AnyJson, left: Count, pace: z.number().nullable(), etaMs: z.number().nullable(), made: z.partialRecord(Status, Count) })
  .meta({ id: "BulkActionDetail", examples: [{ ...BULK_EXAMPLE, filter: null, left: 80, pace: 5, etaMs: 16_000, made: { completed: 9 } }] });
export const BulkPreview = z.looseObject({ kind: z.enum(BULK_KINDS), count: Count, sample: z.array(Run), limit: Count }).meta({ id: "BulkPreview", description: "What the act would come to now. `cannot` counts the runs that match and that it does not fit, by reason.", examples: [{ kind: "retry", count: 91, sample: [], cannot: {}, limit: 100_000 }] });
export const BulkRun = z
  .object({ position: Count, runId: Id, pipeline: Text, stage: Text, runStatus: Status, status: z.enum(BulkResult), message: Text.nullable(), newRunId: Id.nullable(), newRunStatus: Status.nullable(), endedAt: When.nullable() })
  .meta({ id: "BulkRun", examples: [{ position: 1, runId: 1042, pipeline: "mail", stage: "content", runStatus: "failed", status: "ok", message: null, newRunId: 1044, newRunStatus: "running", endedAt: "2026-03-02T09:30:01.000Z" }] }) satisfies z.ZodType<Printed<BulkRunRow>>;

export const View = z
  .object({ id: Id, name: Text, query: Text, owner: Text, isMine: z.boolean(), shared: z.boolean(), isDefault: z.boolean() })
  .meta({ id: "SavedView", examples: [{ id: 5, name: "Failed today", query: "status=failed&created=24h", owner: "ann", isMine: true, shared: false, isDefault: false }] }) satisfies z.ZodType<Printed<SavedView>>;
export const Activity = z
  .looseObject({ id: Id, at: When, type: Text, actor: Text.nullable(), run: z.looseObject({ id: Id, pipeline: Text, stage: Text, status: Status }).nullable(), data: z.looseObject({}) })
  .meta({ id: "Activity", examples: [{ id: 88_120, at: "2026-03-02T09:14:45.002Z", type: "run.failed", actor: null, run: { id: 1042, pipeline: "mail", stage: "content", status: "failed" }, data: {} }] });
