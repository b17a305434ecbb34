import { z } from "zod";
import { BulksRequest, LimitBody, PauseBody, RetryGroupBody, TriggerAllBody, TriggerBody, ViewsRequest } from "#lib/api/bodies";
import { Options as BulkOptions } from "#lib/api/bulk";
import { SlotsRequest, WithinShape } from "#lib/api/inputs";
import { all, Count, Id, list, one, Page } from "#lib/api/shapes/basics";
import { Bulk, BulkPreview, BulkRun, BulkWhole, Cause, Done, ErrorGroup, ErrorGroupWhole, GroupRetried, GroupRun, GroupStatus, Made, Paused, Pipeline, Schedule, SchedulePaused, Slot, View, Worker } from "#lib/api/shapes/control";
import { TriggeredRun } from "#lib/api/shapes/runs";
import { BulkRunsRequest } from "#lib/bulk/queries";
import { CauseRuleInput } from "#lib/causes/mutations";
import { ErrorGroupsShape } from "#lib/error-groups/filter";
import { SaveScheduleInput, ScheduleInput } from "#lib/schedules/mutations";
import { SaveViewInput } from "#lib/views/mutations";
import { BulkPath, CausePath, GroupPath, IdempotencyKey, type Operation, PipelinePath, SchedulePath, StagePath, ViewPath, WorkerPath } from "./operation.ts";

const BulkBody = BulkOptions.loose().extend({ all: z.boolean().optional(), filter: z.looseObject({}).optional() }).meta({ description: "`kind`, and the filter of the run list in its own words. Without a filter it is every run, and `all` must be true." });
const BULK_EXAMPLE = { kind: "retry", status: ["failed"], stage: ["content"], rate: 5 };
const SCHEDULE = { name: "Nightly", pipeline: "mail", cron: "0 2 * * *", zone: "Europe/Berlin" };
const CAUSE = { kind: "contains", pattern: "no space left", title: "The disk is full", hint: "Free some space, then retry." };
const Limited = z.object({ ok: z.boolean(), limit: Count.nullable(), declared: Count.nullable() }).meta({ examples: [{ ok: true, limit: 4, declared: null }] });

const BULK: Operation[] = [
  { method: "get", path: "/api/v1/bulk", tag: "Bulk", summary: "List bulk actions", permission: "runs.read", query: BulksRequest, answer: list(Bulk) },
  { method: "post", path: "/api/v1/bulk", tag: "Bulk", summary: "Retry or cancel every run that matches", description: "Retrying wants the right runs.retry, cancelling runs.cancel.", permission: ["runs.retry", "runs.read"], body: { schema: BulkBody, example: BULK_EXAMPLE }, status: 202, answer: one(BulkWhole), errors: ["MISMATCH", "CONFLICT"] },
  { method: "post", path: "/api/v1/bulk/preview", tag: "Bulk", summary: "Tell what a bulk action would come to", permission: "runs.read", body: { schema: BulkBody, example: BULK_EXAMPLE }, answer: one(BulkPreview), errors: ["MISMATCH"] },
  { method: "get", path: "/api/v1/bulk/{id}", tag: "Bulk", summary: "Show a bulk action", permission: "runs.read", params: BulkPath, answer: one(BulkWhole), errors: ["NOT_FOUND"] },
  { method: "get", path: "/api/v1/bulk/{id}/runs", tag: "Bulk", summary: "List what became of each run", permission: "runs.read", params: BulkPath, query: BulkRunsRequest, answer: list(BulkRun), errors: ["NOT_FOUND"] },
  { method: "post", path: "/api/v1/bulk/{id}/abort", tag: "Bulk", summary: "Stop a bulk action; what was done stays", permission: ["runs.cancel", "runs.read"], params: BulkPath, answer: one(BulkWhole), errors: ["NOT_FOUND", "CONFLICT"] },
];

const PIPELINES: Operation[] = [
  { method: "get", path: "/api/v1/pipelines", tag: "Pipelines", summary: "List pipelines with their stages", permission: "runs.read", answer: all(Pipeline) },
  {
    method: "post", path: "/api/v1/pipelines/{pipeline}/stages/{stage}/runs", tag: "Pipelines", summary: "Start a run of a stage", permission: "runs.trigger", params: StagePath, headers: IdempotencyKey, body: { schema: TriggerBody, example: { params: {}, onBusy: "queue" } }, status: 201,
    answer: one(TriggeredRun), also: { "200": "The run that the same idempotency key made before, or that was joined." }, errors: ["NOT_FOUND", "CONFLICT", "MISMATCH"],
  },
  {
    method: "post", path: "/api/v1/pipelines/{pipeline}/runs", tag: "Pipelines", summary: "Start every stage of a pipeline, in the order of what they need", permission: "runs.trigger", params: PipelinePath, body: { schema: TriggerAllBody, example: { params: {} } }, status: 201,
    answer: one(z.object({ groupId: Id, runIds: z.array(Id) }).meta({ examples: [{ groupId: 9, runIds: [1050, 1051] }] })), errors: ["NOT_FOUND", "CONFLICT", "MISMATCH"],
  },
  { method: "post", path: "/api/v1/pipelines/{pipeline}/pause", tag: "Pipelines", summary: "Let nothing new of a pipeline start", permission: "stages.control", params: PipelinePath, body: { schema: PauseBody, example: { reason: "disk is full" } }, answer: one(Paused), errors: ["NOT_FOUND"] },
  { method: "post", path: "/api/v1/pipelines/{pipeline}/resume", tag: "Pipelines", summary: "Let a pipeline go on", permission: "stages.control", params: PipelinePath, answer: one(Done), errors: ["NOT_FOUND"] },
  { method: "post", path: "/api/v1/pipelines/{pipeline}/stages/{stage}/pause", tag: "Pipelines", summary: "Let nothing new of a stage start", permission: "stages.control", params: StagePath, body: { schema: PauseBody, example: { reason: "disk is full" } }, answer: one(Paused), errors: ["NOT_FOUND"] },
  { method: "post", path: "/api/v1/pipelines/{pipeline}/stages/{stage}/resume", tag: "Pipelines", summary: "Let a stage go on", permission: "stages.control", params: StagePath, answer: one(Done), errors: ["NOT_FOUND"] },
  { method: "put", path: "/api/v1/pipelines/{pipeline}/stages/{stage}/limit", tag: "Pipelines", summary: "Say how many units of a stage may be in flight", description: "null leaves it to the definition again.", permission: "stages.control", params: StagePath, body: { schema: LimitBody, example: { limit: 4 } }, answer: one(Limited), errors: ["NOT_FOUND"] },
];

const SCHEDULES: Operation[] = [
  { method: "get", path: "/api/v1/schedules", tag: "Schedules", summary: "List schedules", permission: "runs.read", answer: all(Schedule) },
  { method: "post", path: "/api/v1/schedules", tag: "Schedules", summary: "Make a schedule", permission: "schedules.change", body: { schema: ScheduleInput, example: SCHEDULE }, status: 201, answer: one(Made), errors: ["NOT_FOUND", "MISMATCH"] },
  { method: "get", path: "/api/v1/schedules/{id}", tag: "Schedules", summary: "Show a schedule", permission: "runs.read", params: SchedulePath, answer: one(Schedule), errors: ["NOT_FOUND"] },
  { method: "put", path: "/api/v1/schedules/{id}", tag: "Schedules", summary: "Replace a schedule", description: "With `version` only while it is the one that was seen.", permission: ["schedules.change", "runs.read"], params: SchedulePath, body: { schema: SaveScheduleInput.omit({ id: true }), example: { ...SCHEDULE, version: 1 } }, answer: one(Schedule), errors: ["NOT_FOUND", "CONFLICT", "MISMATCH"] },
  { method: "delete", path: "/api/v1/schedules/{id}", tag: "Schedules", summary: "Delete a schedule", permission: "schedules.change", params: SchedulePath, status: 204, answer: "none", errors: ["NOT_FOUND"] },
  { method: "post", path: "/api/v1/schedules/{id}/pause", tag: "Schedules", summary: "Let a schedule stand still", permission: "schedules.change", params: SchedulePath, answer: one(SchedulePaused), errors: ["NOT_FOUND"] },
  { method: "post", path: "/api/v1/schedules/{id}/resume", tag: "Schedules", summary: "Let a schedule go on from now", permission: "schedules.change", params: SchedulePath, answer: one(SchedulePaused), errors: ["NOT_FOUND"] },
  { method: "post", path: "/api/v1/schedules/{id}/run", tag: "Schedules", summary: "Start what a schedule is for, now", permission: "runs.trigger", params: SchedulePath, status: 201, answer: one(z.object({ runIds: z.array(Id) }).meta({ examples: [{ runIds: [1060] }] })), errors: ["NOT_FOUND", "CONFLICT"] },
  { method: "get", path: "/api/v1/schedules/{id}/slots", tag: "Schedules", summary: "List what became of its slots", description: "`page.nextCursor` is the `before` of the older ones.", permission: "runs.read", params: SchedulePath, query: SlotsRequest, answer: list(Slot), errors: ["NOT_FOUND"] },
];

const acted = (act: "resolve" | "ignore" | "reopen", summary: string): Operation => ({ method: "post", path: `/api/v1/errors/{id}/${act}`, tag: "Errors", summary, permission: "errors.resolve", params: GroupPath, answer: one(GroupStatus), errors: ["NOT_FOUND"] });
const ERRORS: Operation[] = [
  { method: "get", path: "/api/v1/errors", tag: "Errors", summary: "List error groups", permission: "runs.read", query: ErrorGroupsShape, answer: z.object({ data: z.array(ErrorGroup), page: Page }) },
  { method: "get", path: "/api/v1/errors/{id}", tag: "Errors", summary: "Show an error group", permission: "runs.read", params: GroupPath, answer: one(ErrorGroupWhole), errors: ["NOT_FOUND"] },
  { method: "get", path: "/api/v1/errors/{id}/runs", tag: "Errors", summary: "List the runs that failed with it", permission: "runs.read", params: GroupPath, query: WithinShape, answer: list(GroupRun), errors: ["NOT_FOUND"] },
  acted("resolve", "Say that the cause is gone; it opens again when it comes back"),
  acted("ignore", "Take it out of the open ones for good"),
  acted("reopen", "Open it again"),
  { method: "post", path: "/api/v1/errors/{id}/retry", tag: "Errors", summary: "Retry the runs that failed with it and that nobody has put right", permission: ["runs.retry", "runs.read"], params: GroupPath, body: { schema: RetryGroupBody, example: { onlyFailed: true } }, status: 202, answer: one(GroupRetried), errors: ["NOT_FOUND"] },
  { method: "get", path: "/api/v1/errors/causes", tag: "Errors", summary: "List known causes", permission: "runs.read", answer: all(Cause) },
  { method: "post", path: "/api/v1/errors/causes", tag: "Errors", summary: "Write a known cause down", permission: "errors.resolve", body: { schema: CauseRuleInput, example: CAUSE }, status: 201, answer: one(Made), errors: ["MISMATCH"] },
  { method: "put", path: "/api/v1/errors/causes/{id}", tag: "Errors", summary: "Change a known cause", permission: "errors.resolve", params: CausePath, body: { schema: CauseRuleInput, example: CAUSE }, answer: one(Made), errors: ["NOT_FOUND"] },
  { method: "delete", path: "/api/v1/errors/causes/{id}", tag: "Errors", summary: "Remove a known cause", permission: "errors.resolve", params: CausePath, status: 204, answer: "none", errors: ["NOT_FOUND"] },
];

const OTHERS: Operation[] = [
  { method: "get", path: "/api/v1/workers", tag: "Workers", summary: "List workers", permission: "runs.read", answer: all(Worker) },
  { method: "post", path: "/api/v1/workers/{id}/drain", tag: "Workers", summary: "Let a worker finish what it holds and stop", permission: "workers.drain", params: WorkerPath, status: 202, answer: one(z.object({ workerId: Id, holds: Count }).meta({ examples: [{ workerId: 7, holds: 2 }] })), errors: ["NOT_FOUND", "CONFLICT"] },
  { method: "get", path: "/api/v1/views", tag: "Views", summary: "List saved views", permission: "runs.read", query: ViewsRequest, answer: all(View) },
  { method: "post", path: "/api/v1/views", tag: "Views", summary: "Save a view", permission: "views.save", body: { schema: SaveViewInput, example: { name: "Failed today", query: "status=failed&created=24h" } }, status: 201, answer: one(Made), errors: ["MISMATCH"] },
  { method: "delete", path: "/api/v1/views/{id}", tag: "Views", summary: "Delete a view", permission: "views.save", params: ViewPath, status: 204, answer: "none", errors: ["NOT_FOUND"] },
];

export const CONTROL_OPERATIONS: Operation[] = [...BULK, ...PIPELINES, ...SCHEDULES, ...ERRORS, ...OTHERS];
