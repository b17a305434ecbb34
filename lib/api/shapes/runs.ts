/** Runs and what is in them, as answers have them. */
import { z } from "zod";
import type { AnnotationRow } from "#lib/annotations/queries";
import { RunTrigger, StepStatus, UnitKind, UnitStatus } from "#lib/db/generated/enums";
import type { RunDetail } from "#lib/runs/queries";
import { RUN_STATUSES } from "#lib/runs/rules";
import type { RunRow } from "#lib/runs/sql/run-row";
import type { LogRow, StepDetail, StepIo, StepRow, UnitRow } from "#lib/trace/queries";
import { AnyJson, Count, exampleOf, Id, type Printed, Text, When } from "./basics.ts";

export const Status = z.enum(RUN_STATUSES).meta({ id: "RunStatus" });
const Ms = z.number().min(0).nullable();

const run = {
  id: Id, externalId: Text.nullable(), pipeline: Text, stage: Text, status: Status, outcome: Text.nullable(), reason: Text.nullable(), triggeredBy: z.enum(RunTrigger), createdBy: Text.nullable(),
  createdAt: When, startedAt: When.nullable(), completedAt: When.nullable(), durationMs: Ms, itemsProcessed: Count, itemsFailed: Count, itemsTotal: Count.nullable(), unitsTotal: Count, unitsDone: Count, unitsFailed: Count,
  errorMessage: Text.nullable(), retryOf: Id.nullable(), groupId: Id.nullable(), subjects: z.array(z.tuple([Text, Text])),
};
const RUN_EXAMPLE = {
  id: 1042, externalId: null, pipeline: "mail", stage: "content", status: "failed", outcome: null, reason: null, triggeredBy: "api", createdBy: "ci", createdAt: "2026-03-02T09:14:03.120Z", startedAt: "2026-03-02T09:14:03.410Z",
  completedAt: "2026-03-02T09:14:45.002Z", durationMs: 41_592, itemsProcessed: 1_200, itemsFailed: 3, itemsTotal: 1_203, unitsTotal: 7, unitsDone: 6, unitsFailed: 1, errorMessage: "TimeoutError: the model did not answer within 60 s", retryOf: null, groupId: null, subjects: [],
};
export const Run = z.object(run).meta({ id: "Run", description: "One execution of one stage, as lists have it: its error message is cut at 300 characters.", examples: [RUN_EXAMPLE] }) satisfies z.ZodType<Printed<RunRow>>;

const RunLink = z.looseObject({ id: Id, status: Status });
export const RunWhole = z
  .object({
    ...run, hidden: z.boolean(), params: AnyJson, configSnapshot: AnyJson, errorClass: Text.nullable(), cause: z.object({ title: Text, hint: Text }).nullable(), cancelRequestedAt: When.nullable(), etaMs: Ms, waitsFor: z.array(RunLink), group: z.array(z.looseObject({ id: Id })),
    stepsTotal: Count, onlyFailed: z.boolean(), retried: RunLink.nullable(), retries: z.array(RunLink), handledBy: Id.nullable(), pinnedAt: When.nullable(), pinnedBy: Text.nullable(), prunedAt: When.nullable(), waiting: z.looseObject({}).nullable(),
  })
  .meta({
    id: "RunDetail",
    description: "A run with its parameters, the snapshot of its configuration, what is known about its error, its retries, and why nothing happens when nothing does. `hidden`: parameters and configuration are kept from whoever may not read payloads.",
    examples: [{
      ...RUN_EXAMPLE, hidden: false, params: { batch: 200 }, configSnapshot: { version: "0.1.0" }, errorClass: "TimeoutError", cause: null, cancelRequestedAt: null, etaMs: null, waitsFor: [], group: [], stepsTotal: 14, onlyFailed: false, retried: null, retries: [],
      handledBy: null, pinnedAt: null, pinnedBy: null, prunedAt: null, waiting: null,
    }],
  });
type Missing = Exclude<keyof RunDetail, keyof z.infer<typeof RunWhole>>;
/** A field of a run that is not told above does not compile. */
void (true satisfies [Missing] extends [never] ? true : Missing);

export const Unit = z
  .object({
    seq: Count, kind: z.enum(UnitKind), wave: z.int(), name: Text, status: z.enum(UnitStatus), attempt: Count, crashes: Count, failures: Count, retryAt: When.nullable(), workerId: Id.nullable(), itemsDone: Count, itemsFailed: Count, itemsTotal: Count.nullable(),
    error: Text.nullable(), startedAt: When.nullable(), completedAt: When.nullable(), durationMs: Ms,
  })
  .meta({
    id: "Unit",
    description: "The piece of a run that one worker takes at a time.",
    examples: [{ seq: 1, kind: "work", wave: 0, name: "messages 1–200", status: "completed", attempt: 1, crashes: 0, failures: 0, retryAt: null, workerId: 3, itemsDone: 200, itemsFailed: 0, itemsTotal: 200, error: null, startedAt: "2026-03-02T09:14:03.500Z", completedAt: "2026-03-02T09:14:08.100Z", durationMs: 4_600 }],
  }) satisfies z.ZodType<Printed<UnitRow>>;

const step = { seq: Count, unitSeq: Count.nullable(), parentSeq: Count.nullable(), attempt: Count, stepName: Text, status: z.enum(StepStatus), error: Text.nullable(), errorClass: Text.nullable(), durationMs: z.number(), startedAt: When, completedAt: When.nullable() };
const STEP_EXAMPLE = { seq: 3, unitSeq: 1, parentSeq: null, attempt: 1, stepName: "extract", status: "ok", error: null, errorClass: null, durationMs: 182, startedAt: "2026-03-02T09:14:03.700Z", completedAt: "2026-03-02T09:14:03.882Z" };
export const Step = z.object(step).meta({ id: "Step", description: "One recorded act inside a run, without its input and output.", examples: [STEP_EXAMPLE] }) satisfies z.ZodType<Printed<StepRow>>;
const Place = z.object({ runId: Id, seq: Count }).nullable();
export const StepWhole = z
  .object({ ...step, runId: Id, unitName: Text.nullable(), previousAttempt: Place, previousRun: Place })
  .meta({ id: "StepDetail", description: "A step with the places where the same step was done before.", examples: [{ ...STEP_EXAMPLE, runId: 1042, unitName: "messages 1–200", previousAttempt: null, previousRun: { runId: 1030, seq: 3 } }] }) satisfies z.ZodType<Printed<StepDetail>>;
export const Io = z
  .object({ input: Text.nullable(), output: Text.nullable(), inputBytes: Count, outputBytes: Count, isCut: z.boolean(), prunedAt: When.nullable() })
  .meta({ id: "StepIo", description: "The JSON texts that were recorded, with their secrets masked.", examples: [{ input: '{"messageId":7}', output: '{"words":412}', inputBytes: 15, outputBytes: 13, isCut: false, prunedAt: null }] }) satisfies z.ZodType<Printed<StepIo>>;

export const LogLine = z
  .object({ id: Id, at: When, level: Text, line: Text, unitSeq: Count.nullable() })
  .meta({ id: "LogLine", examples: [{ id: 90_210, at: "2026-03-02T09:14:05.000Z", level: "info", line: "200 messages read", unitSeq: 1 }] }) satisfies z.ZodType<Printed<LogRow>>;
export const Annotation = z
  .object({ key: Text, value: Text, createdAt: When, updatedAt: When })
  .meta({ id: "Annotation", examples: [{ key: "team", value: "blue", createdAt: "2026-03-02T09:20:00.000Z", updatedAt: "2026-03-02T09:20:00.000Z" }] }) satisfies z.ZodType<Printed<AnnotationRow>>;

export const Trace = z
  .looseObject({ asOf: When })
  .meta({ id: "Trace", description: "Units and steps as columns, to draw a waterfall from: times are milliseconds from the start of the run.", examples: [{ asOf: "2026-03-02T09:14:45.100Z", units: [], steps: { seq: [] } }] });
export const Comparison = z
  .looseObject({ a: RunWhole, b: RunWhole, costUsd: z.object({ a: z.number().nullable(), b: z.number().nullable() }), facts: z.array(z.object({ name: Text, a: Text, b: Text })), rows: z.array(z.looseObject({ kind: z.enum(["unit", "step"]) })), divergence: Count.nullable(), isCut: z.boolean() })
  .meta({ id: "Comparison", description: "Two runs side by side: facts that differ, units and steps in pairs, and the first point at which they part.", examples: [{ a: exampleOf(RunWhole), b: exampleOf(RunWhole), costUsd: { a: null, b: null }, facts: [], rows: [], divergence: null, isCut: false }] });

const Triggered = { runId: Id, created: z.boolean(), inLine: z.boolean() };
export const TriggeredRun = z.object({ ...Triggered, joined: z.boolean() }).meta({ id: "Triggered", description: "`joined`: it is the run that goes on already; `inLine`: it waits behind that run.", examples: [{ runId: 1043, created: true, joined: false, inLine: false }] });
export const RetriedRun = z.object({ ...Triggered, units: Count.nullable() }).meta({ id: "Retried", description: "`units`: those taken over, where only what failed is retried.", examples: [{ runId: 1044, created: true, inLine: false, units: null }] });

const Stats = { total: Count, counts: z.partialRecord(Status, Count), successRate: z.number().min(0).max(1).nullable(), durationMs: z.object({ p50: z.number(), p95: z.number(), isEstimate: z.boolean() }).nullable(), itemsProcessed: Count, itemsFailed: Count, llmCalls: Count, llmCostUsd: z.number().nullable() };
const STATS_EXAMPLE = { total: 214, counts: { completed: 200, failed: 14 }, successRate: 0.93, durationMs: { p50: 8_200, p95: 41_000, isEstimate: false }, itemsProcessed: 120_400, itemsFailed: 91, llmCalls: 5_100, llmCostUsd: 12.4 };
export const RunStats = z
  .object({ ...Stats, asOf: When, by: Text.nullable(), groups: z.array(z.object({ ...Stats, key: Text })), isCut: z.boolean() })
  .meta({ id: "RunStats", description: "At most 45 s old. `successRate` is a ratio, of the runs that were carried out.", examples: [{ ...STATS_EXAMPLE, asOf: "2026-03-02T09:30:00.000Z", by: null, groups: [], isCut: false }] });
