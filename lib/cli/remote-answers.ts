/**
 * What a server answers, as far as commands print it. The rest goes through as it came: a server of another version may say
 * more. Each shape is held against the type of the row that the verb gives on the spot.
 */
import { z } from "zod";
import type { Triggered } from "#lib/engine/trigger";
import type { CancelRunResult } from "#lib/engine/cancel";
import type { ErrorGroupListRow } from "#lib/error-groups/queries";
import { KEY_STATES } from "#lib/keys/fields";
import type { MadeKey } from "#lib/keys/mutations";
import type { KeyRow } from "#lib/keys/queries";
import type { CallRow } from "#lib/llm-calls/queries";
import type { RunDetail, RunLink, RunRow } from "#lib/runs/queries";
import { RUN_STATUSES } from "#lib/runs/rules";
import type { ScheduleRow, SlotRow } from "#lib/schedules/queries";
import type { PipelineCard, StageCard } from "#lib/stages/queries";
import type { RunCount, RunStats, StatsGroup } from "#lib/stats/queries";
import type { StepIo, StepRow, UnitRow } from "#lib/trace/queries";
import type { WorkerRow } from "#lib/workers/queries";

/** A row of which these fields are checked: those that tables print, and every time. Its fields stay in their order, for programs. */
const row = <Row>() => <Shape extends { [K in keyof Row]?: z.ZodType<Row[K]> }>(shape: Shape): z.ZodType<Row> => {
  const checked = z.looseObject(shape);
  return z.unknown().transform((given, ctx) => {
    const { success, data, error } = checked.safeParse(given);
    if (success) return Object.fromEntries(Object.keys(given as object).map((name) => [name, (data as Record<string, unknown>)[name]])) as Row;
    for (const { path, message } of error.issues) ctx.addIssue({ code: "custom", path: [...path], message });
    return z.NEVER;
  });
};

const Time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const MaybeTime = Time.nullable();
const Text = z.string();
const MaybeText = z.string().nullable();
const Count = z.number();
const MaybeCount = z.number().nullable();
const Flag = z.boolean();
const Status = z.enum(RUN_STATUSES);

const RUN = {
  id: Count, pipeline: Text, stage: Text, status: Status, outcome: MaybeText, reason: MaybeText, createdBy: MaybeText, createdAt: Time, startedAt: MaybeTime, completedAt: MaybeTime,
  durationMs: MaybeCount, itemsProcessed: Count, itemsFailed: Count, itemsTotal: MaybeCount, unitsTotal: Count, unitsDone: Count, unitsFailed: Count, errorMessage: MaybeText, retryOf: MaybeCount,
};
export const Run = row<RunRow>()(RUN);
const Link = row<RunLink>()({ id: Count, stage: Text, status: Status });
const Cause = z.looseObject({ title: Text, hint: Text }).nullable();
export const OneRun = row<RunDetail>()({
  ...RUN, params: z.json(), configSnapshot: z.json(), errorClass: MaybeText, cause: Cause, cancelRequestedAt: MaybeTime, etaMs: MaybeCount, waitsFor: z.array(Link),
  group: z.array(row<RunDetail["group"][number]>()({ id: Count, stage: Text, status: Status })), pinnedAt: MaybeTime, prunedAt: MaybeTime,
  waiting: row<NonNullable<RunDetail["waiting"]>>()({ text: Text }).nullable(),
});
export const Unit = row<UnitRow>()({ seq: Count, name: Text, attempt: Count, retryAt: MaybeTime, workerId: MaybeCount, itemsDone: Count, itemsFailed: Count, itemsTotal: MaybeCount, error: MaybeText, startedAt: MaybeTime, completedAt: MaybeTime, durationMs: MaybeCount });
export const Step = row<StepRow>()({ seq: Count, unitSeq: MaybeCount, parentSeq: MaybeCount, attempt: Count, stepName: Text, status: z.enum(["ok", "skip", "error"]), error: MaybeText, errorClass: MaybeText, durationMs: Count, startedAt: Time, completedAt: MaybeTime });
export const Io = row<StepIo>()({ input: MaybeText, output: MaybeText });

export const Trigger = row<Triggered>()({ runId: Count, created: Flag, joined: Flag, inLine: Flag });
export const Retried = row<Omit<Triggered, "joined">>()({ runId: Count, created: Flag, inLine: Flag });
export const TriggerAll = z.object({ runIds: z.array(Count) });
export const Cancelled = z.object({ status: Status }) satisfies z.ZodType<Pick<CancelRunResult, "status">>;

const Pause = z.looseObject({ at: Time, by: Text, reason: MaybeText }).nullable();
const Stage = row<StageCard>()({
  pipeline: Text, name: Text, needs: z.array(Text), manual: Flag, rows: MaybeCount, waiting: MaybeCount, countError: MaybeText, lastRun: Run.nullable(), activeRun: Run.nullable(),
  fields: z.array(row<StageCard["fields"][number]>()({ name: Text, kind: z.enum(["integer", "number", "boolean", "text", "choice"]), default: z.json() })), pause: Pause, limit: MaybeCount, inFlight: Count, inLine: Count,
});
export const PipelineOf = row<PipelineCard>()({ name: Text, pause: Pause, stages: z.array(Stage) });

const STATS = {
  total: Count, counts: z.partialRecord(Status, Count), successRate: MaybeCount, durationMs: row<NonNullable<RunStats["durationMs"]>>()({ p50: Count, p95: Count }).nullable(),
  itemsProcessed: Count, itemsFailed: Count, llmCalls: Count, llmCostUsd: MaybeCount,
};
export const Stats = row<RunStats>()({ ...STATS, asOf: Time, groups: z.array(row<StatsGroup>()({ ...STATS, key: Text })), isCut: Flag });
export const Counted = row<RunCount>()({ value: Count, kind: z.enum(["exact", "atLeast"]), asOf: Time });

const GroupStatus = z.enum(["open", "resolved", "ignored"]);
export const ErrorGroup = row<ErrorGroupListRow>()({
  id: Count, pipeline: Text, stage: Text, errorClass: Text, sampleMessage: Text, status: GroupStatus, count: Count, runs: Count, firstSeen: Time, lastSeen: Time, reopenedAt: MaybeTime,
  days: z.array(z.object({ at: Time, count: Count })),
});
export const ChangedGroup = z.object({ status: GroupStatus });

export const Call = row<CallRow>()({
  id: Count, runId: MaybeCount, pipeline: MaybeText, stage: MaybeText, model: Text, role: Text, subject: MaybeText, totalTokens: MaybeCount, costUsd: MaybeCount, durationMs: MaybeCount, error: MaybeText, createdAt: Time,
});
const Slot = row<SlotRow>()({ slot: Time, runId: MaybeCount, status: Status.nullable(), decidedAt: Time });
export const Schedule = row<ScheduleRow>()({
  id: Count, name: Text, pipeline: Text, stage: MaybeText, cron: Text, zone: Text, nextSlot: MaybeTime, slotsAhead: z.array(Time), latest: z.array(Slot), createdAt: Time, updatedAt: Time,
  health: z.enum(["late", "refused", "failing", "paused", "new", "ok"]),
});
export const Worker = row<WorkerRow>()({
  id: Count, host: Text, pid: Count, version: Text, concurrency: Count, alive: Flag, startedAt: Time, heartbeatAt: MaybeTime, stoppedAt: MaybeTime, stopReason: MaybeText, drainRequestedAt: MaybeTime,
  units: z.array(row<WorkerRow["units"][number]>()({ runId: Count, name: Text, startedAt: MaybeTime })),
});
export const Key = row<KeyRow>()({
  id: Text, name: Text, owner: MaybeText, state: z.enum(KEY_STATES), createdAt: Time, createdBy: Text, expiresAt: Time, lastUsedAt: MaybeTime, revokedAt: MaybeTime,
});
export const NewKey = row<MadeKey>()({ id: Text, name: Text, token: Text, expiresAt: Time });
export const Revoked = z.object({ ok: Flag });
