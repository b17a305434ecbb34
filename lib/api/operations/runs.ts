import { z } from "zod";
import { AnnotationBody, RetryBody } from "#lib/api/bodies";
import { IoRequest, IoSide, StepsRequest, TraceRequest, WithinShape } from "#lib/api/inputs";
import { LogsRequest } from "#lib/api/logs";
import { CountedPage, CountShape, Facets, Id, all, list, one } from "#lib/api/shapes/basics";
import { Call } from "#lib/api/shapes/llm";
import { Annotation, Comparison, Io, LogLine, RetriedRun, Run, RunStats, RunWhole, Status, Step, StepWhole, Trace, Unit } from "#lib/api/shapes/runs";
import { STATS_BY } from "#lib/stats/fields";
import { FILES, RunFilterQuery, RunListBody, RunListQuery } from "./list-params.ts";
import { IdempotencyKey, type Operation, RunPath, StepPath } from "./operation.ts";

const RUNS = z.object({ data: z.array(Run), page: CountedPage });
const Page = WithinShape;
const AnnotationPath = RunPath.extend({ key: z.string().max(255).meta({ description: "The annotation's key, percent-encoded.", examples: ["team"] }) });
const BY = z.enum(STATS_BY).nullable().optional();

export const RUN_OPERATIONS: Operation[] = [
  { method: "get", path: "/api/v1/runs", tag: "Runs", summary: "List runs", permission: "runs.read", query: RunListQuery, answer: RUNS, errors: ["INVALID", "MISMATCH"] },
  { method: "post", path: "/api/v1/runs/search", tag: "Runs", summary: "List runs for a filter that no address can hold", permission: "runs.read", body: { schema: RunListBody, example: { status: ["failed"], limit: 20 } }, answer: RUNS, errors: ["MISMATCH"] },
  { method: "get", path: "/api/v1/runs/count", tag: "Runs", summary: "Count runs", description: "Exact where that is quick, else at least so many.", permission: "runs.read", query: RunFilterQuery, answer: one(CountShape), errors: ["MISMATCH"] },
  { method: "get", path: "/api/v1/runs/facets", tag: "Runs", summary: "List the values of a field among the runs that match", permission: "runs.read", query: RunFilterQuery.extend({ field: z.string().meta({ description: "Named as its parameter: status, creator, subject.symbol.", examples: ["status"] }) }), answer: one(Facets), errors: ["MISMATCH"] },
  { method: "get", path: "/api/v1/runs/stats", tag: "Runs", summary: "Tell how runs went", description: "With an ETag: `If-None-Match` is answered with 304 while nothing has changed.", permission: "runs.read", query: RunFilterQuery.extend({ by: BY }), answer: one(RunStats), also: { "304": "Nothing has changed." }, errors: ["MISMATCH"] },
  { method: "post", path: "/api/v1/runs/stats", tag: "Runs", summary: "Tell how runs went, for a filter that no address can hold", permission: "runs.read", body: { schema: RunListBody.extend({ by: BY }), example: { by: "stage", status: ["failed"] } }, answer: one(RunStats), also: { "304": "Nothing has changed." }, errors: ["MISMATCH"] },
  { method: "get", path: "/api/v1/runs/export", tag: "Runs", summary: "Export every run that matches", permission: ["runs.export", "runs.read"], query: RunFilterQuery.extend(FILES), answer: "application/octet-stream", errors: ["MISMATCH"] },
  { method: "get", path: "/api/v1/runs/{id}", tag: "Runs", summary: "Show a run", permission: "runs.read", params: RunPath, answer: one(RunWhole), errors: ["NOT_FOUND"] },
  { method: "get", path: "/api/v1/runs/{id}/units", tag: "Runs", summary: "List the units of a run", permission: "runs.read", params: RunPath, query: Page, answer: list(Unit), errors: ["NOT_FOUND"] },
  { method: "get", path: "/api/v1/runs/{id}/steps", tag: "Runs", summary: "List the steps of a run", permission: "runs.read", params: RunPath, query: Page.extend(StepsRequest.shape), answer: list(Step), errors: ["NOT_FOUND"] },
  { method: "get", path: "/api/v1/runs/{id}/steps/{seq}", tag: "Runs", summary: "Show a step", permission: "runs.read", params: StepPath, answer: one(StepWhole), errors: ["NOT_FOUND"] },
  { method: "get", path: "/api/v1/runs/{id}/steps/{seq}/io", tag: "Runs", summary: "Show what a step was given and what it gave", permission: "payloads.read", params: StepPath, query: IoRequest, answer: one(Io), errors: ["NOT_FOUND"] },
  { method: "get", path: "/api/v1/runs/{id}/steps/{seq}/io/{side}", tag: "Runs", summary: "Take the input or the output of a step as a file", permission: "payloads.read", params: StepPath.extend({ side: IoSide }), answer: "application/json", errors: ["NOT_FOUND"] },
  { method: "get", path: "/api/v1/runs/{id}/steps/{seq}/llm-calls", tag: "Runs", summary: "List the model calls of a step", permission: "runs.read", params: StepPath, answer: all(Call), errors: ["NOT_FOUND"] },
  { method: "get", path: "/api/v1/runs/{id}/llm-calls", tag: "Runs", summary: "List the model calls of a run", permission: "runs.read", params: RunPath, query: Page, answer: list(Call), errors: ["NOT_FOUND"] },
  {
    method: "get", path: "/api/v1/runs/{id}/logs", tag: "Runs", summary: "List what a run said", description: "A page of lines as JSON; `format=text` or `format=ndjson`, or the header Accept, gives all of them.",
    permission: ["payloads.read", "runs.read"], params: RunPath, query: LogsRequest.extend(Page.shape), answer: list(LogLine), errors: ["NOT_FOUND"],
  },
  { method: "get", path: "/api/v1/runs/{id}/trace", tag: "Runs", summary: "Show the structure of a run", description: "All of it, or with `since` (the `asOf` of the last answer) what has changed.", permission: "runs.read", params: RunPath, query: TraceRequest, answer: one(Trace), errors: ["NOT_FOUND"] },
  { method: "get", path: "/api/v1/runs/{id}/compare", tag: "Runs", summary: "Compare a run with another", permission: "runs.read", params: RunPath, query: z.object({ with: z.string().meta({ description: "The other run's number.", examples: ["1042"] }) }), answer: one(Comparison), errors: ["NOT_FOUND"] },
  {
    method: "post", path: "/api/v1/runs/{id}/cancel", tag: "Runs", summary: "Cancel a run", permission: "runs.cancel", params: RunPath, status: 202,
    answer: one(z.object({ runId: Id, status: Status }).meta({ examples: [{ runId: 1042, status: "cancelled" }] })), errors: ["NOT_FOUND", "CONFLICT"],
  },
  {
    method: "post", path: "/api/v1/runs/{id}/retry", tag: "Runs", summary: "Retry a run that has ended", permission: "runs.retry", params: RunPath, headers: IdempotencyKey, body: { schema: RetryBody, example: { onlyFailed: true } }, status: 201,
    answer: one(RetriedRun), also: { "200": "The run that the same idempotency key made before." }, errors: ["NOT_FOUND", "CONFLICT", "MISMATCH"],
  },
  { method: "put", path: "/api/v1/runs/{id}/pin", tag: "Runs", summary: "Keep a run for good, whatever retention removes", permission: "stages.control", params: RunPath, answer: one(pinned(true)), errors: ["NOT_FOUND", "CONFLICT"] },
  { method: "delete", path: "/api/v1/runs/{id}/pin", tag: "Runs", summary: "Let retention have a run again", permission: "stages.control", params: RunPath, answer: one(pinned(false)), errors: ["NOT_FOUND"] },
  { method: "get", path: "/api/v1/runs/{id}/annotations", tag: "Runs", summary: "List the annotations of a run", permission: "runs.read", params: RunPath, answer: all(Annotation), errors: ["NOT_FOUND"] },
  {
    method: "put", path: "/api/v1/runs/{id}/annotations/{key}", tag: "Runs", summary: "Set an annotation", permission: "runs.annotate", params: AnnotationPath, body: { schema: AnnotationBody, example: { value: "blue" } },
    answer: one(Annotation.pick({ key: true, value: true }).meta({ examples: [{ key: "team", value: "blue" }] })), also: { "201": "The run had no such annotation before." }, errors: ["NOT_FOUND", "MISMATCH"],
  },
  { method: "delete", path: "/api/v1/runs/{id}/annotations/{key}", tag: "Runs", summary: "Remove an annotation", permission: "runs.annotate", params: AnnotationPath, status: 204, answer: "none", errors: ["NOT_FOUND", "MISMATCH"] },
];

function pinned(is: boolean) {
  return z.object({ runId: Id, pinned: z.boolean(), changed: z.boolean() }).meta({ examples: [{ runId: 1042, pinned: is, changed: true }] });
}
