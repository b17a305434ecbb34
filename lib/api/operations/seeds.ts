/** Endpoints of the systems that Penstock replaces, and those of the server itself. */
import { z } from "zod";
import { AuditRequest } from "#lib/api/llm-calls";
import { BacktestExportRequest } from "#lib/api/backtest-export";
import { Count, Text, When } from "#lib/api/shapes/basics";
import { JobsRequest, ResultsQuery, TriggerBody } from "#lib/api/simulate";
import { CallPath, JobPath, type Operation, RunPath } from "./operation.ts";

const SeedRun = z.looseObject({ id: Text, root_execution_id: Text, created_at: When, status: Text }).meta({ id: "PipelineRun", examples: [{ id: "1042", root_execution_id: "1042", created_by: "ci", created_at: "2026-03-02T09:14:03.120Z", pipeline_name: "mail/content", status: "FAILED" }] });
const flag = (description: string) => z.stringbool().optional().meta({ description });
const Filter = { filter_query: z.string().optional().meta({ description: "A filter tree as JSON." }), filter: z.string().optional().meta({ description: "The older form: `created_by:name`." }), current_user: z.string().max(255).optional().meta({ description: "A label for `me` while nobody is signed in." }) };
const SeedList = z.object({
  ...Filter, page_size: z.coerce.number().int().min(1).max(200).optional(), page_token: z.string().optional(), sort: z.string().optional().meta({ description: "created_at, started_at, status or items, with - before it for falling." }), status: z.array(z.string()).optional(),
  include_pipeline_names: flag("Tell each run's pipeline."), include_execution_stats: flag("Count each run's units."), include_total: flag("Count all that match; true unless said."),
});
const AnnotationPath = RunPath.extend({ key: z.string().max(255).meta({ examples: ["team"] }) });

const PIPELINE_RUNS: Operation[] = [
  { method: "get", path: "/api/pipeline_runs", tag: "Run list of the ML pipeline service", summary: "List runs", permission: "runs.read", query: SeedList, answer: z.looseObject({ pipeline_runs: z.array(SeedRun), total: Count.optional().meta({ examples: [214] }), next_page_token: Text.optional().meta({ examples: ["WzEsbnVsbF0"] }) }), errors: ["MISMATCH"] },
  { method: "get", path: "/api/pipeline_runs/stats", tag: "Run list of the ML pipeline service", summary: "Count runs by status", description: "At most 45 s old.", permission: "runs.read", query: z.object(Filter), answer: z.object({ total_runs: Count, counts_by_status: z.record(Text, Count), cached_at: When }).meta({ examples: [{ total_runs: 214, counts_by_status: { SUCCEEDED: 200, FAILED: 14 }, cached_at: "2026-03-02T09:30:00.000Z" }] }), errors: ["MISMATCH"] },
  { method: "get", path: "/api/pipeline_runs/{id}", tag: "Run list of the ML pipeline service", summary: "Show a run", permission: "runs.read", params: RunPath, query: SeedList, answer: SeedRun, errors: ["NOT_FOUND", "MISMATCH"] },
  { method: "get", path: "/api/pipeline_runs/{id}/annotations", tag: "Run list of the ML pipeline service", summary: "List annotations by key", permission: "runs.read", params: RunPath, answer: z.record(Text, Text).meta({ examples: [{ "system/pipeline_run.created_by": "ci", team: "blue" }] }), errors: ["NOT_FOUND"] },
  { method: "put", path: "/api/pipeline_runs/{id}/annotations/{key}", tag: "Run list of the ML pipeline service", summary: "Set an annotation", permission: "runs.annotate", params: AnnotationPath, query: z.object({ value: z.string().optional() }), answer: z.null().meta({ examples: [null] }), errors: ["NOT_FOUND", "MISMATCH"] },
  { method: "delete", path: "/api/pipeline_runs/{id}/annotations/{key}", tag: "Run list of the ML pipeline service", summary: "Remove an annotation", permission: "runs.annotate", params: AnnotationPath, answer: z.null().meta({ examples: [null] }), errors: ["NOT_FOUND", "MISMATCH"] },
];

const AgentRun = z
  .object({ id: Count, account_id: Count.nullable(), symbol: Text.nullable(), timeframe: Text.nullable(), status: Text, final_action: Text.nullable(), total_duration_ms: Count.nullable(), journal_id: Count.nullable(), trade_id: Count.nullable(), task_type: Text, strategy_name: Text.nullable(), created_at: When })
  .meta({ id: "AgentRun", examples: [{ id: 1042, account_id: 1, symbol: "EURUSD", timeframe: "M15", status: "completed", final_action: "BUY", total_duration_ms: 8_100, journal_id: 31, trade_id: 9, task_type: "signal", strategy_name: null, created_at: "2026-03-02T09:14:03.120Z" }] });
const AgentStep = z
  .object({ id: Count, run_id: Count, seq: Count, step_name: Text, status: Text, input_json: Text.nullable(), output_json: Text.nullable(), error: Text.nullable(), duration_ms: z.number() })
  .meta({ id: "AgentStep", examples: [{ id: 7, run_id: 1042, seq: 1, step_name: "account_loaded", status: "ok", input_json: null, output_json: '{"name":"Paper desk"}', error: null, duration_ms: 4 }] });
const text = () => z.string().max(200).optional();
const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most).optional();
const AgentRunsQuery = z.object({
  account_id: whole(0, 2_147_483_647), symbol: text(), status: text(), task_type: z.enum(["signal", "maintenance"]).optional(), strategy_id: whole(0, 2_147_483_647), strategy_name: text(), final_action: text(),
  created_after: text().meta({ description: "An instant; UTC where no zone is said.", examples: ["2026-03-01T00:00:00Z"] }), created_before: text().meta({ examples: ["2026-03-02T00:00:00Z"] }), limit: whole(1, 200), offset: whole(0, 10_000_000),
});
const AGENT_RUNS: Operation[] = [
  { method: "get", path: "/api/v1/pipeline/runs", tag: "Agent runs", summary: "List agent runs", description: "A bare list; how many there are in all is in the header X-Total-Count.", permission: "runs.read", query: AgentRunsQuery, answer: z.array(AgentRun), errors: ["MISMATCH"] },
  { method: "get", path: "/api/v1/pipeline/runs/{id}", tag: "Agent runs", summary: "Show an agent run with its steps", permission: "runs.read", description: "Inputs and outputs are null for whoever may not read payloads.", params: RunPath, answer: z.object({ run: AgentRun, steps: z.array(AgentStep) }), errors: ["NOT_FOUND", "MISMATCH"] },
];

const AuditItem = z
  .looseObject({ id: Count, pipeline_run_id: Count.nullable(), stage: Text.nullable(), sender_domain: Text.nullable(), prompt_template: Text, model_used: Text, duration_ms: Count.nullable(), status: Text, error_message: Text.nullable(), created_at: When })
  .meta({ id: "AiAuditItem", examples: [{ id: 12, pipeline_run_id: 1042, stage: "classify", sender_domain: "example.org", prompt_template: "classify-sender", model_used: "gpt-5-mini", duration_ms: 1_204, status: "ok", error_message: null, created_at: "2026-03-02T09:14:05.000Z" }] });
const STAGE_RUNS: Operation[] = [
  { method: "get", path: "/api/ai-audit", tag: "Stage runs", summary: "List model calls", permission: "runs.read", query: AuditRequest, answer: z.object({ total: Count.meta({ examples: [1] }), items: z.array(AuditItem) }) },
  { method: "get", path: "/api/ai-audit/{id}", tag: "Stage runs", summary: "Show a model call with its texts", permission: "runs.read", params: CallPath, answer: AuditItem, errors: ["NOT_FOUND"] },
];

const JOB = { job_id: "8c1f6e0a-4a53-4c1e-9a6f-2f6f5a0f6a10", run_id: 1042, status: "running", config_path: "", date_range: ["2026-02-27"], models: ["momentum"], created_at: "2026-03-02T09:14:03.120Z", started_at: "2026-03-02T09:14:03.400Z", completed_at: null, warnings: [] };
const PROGRESS = { total_model_days: 1, completed: 0, failed: 0, pending: 0, running: 1, skipped: 0, cancelled: 0, current: { date: "2026-02-27", model: "momentum" }, details: [] };
const Job = z.looseObject({ job_id: Text, status: Text, date_range: z.array(Text), models: z.array(Text), created_at: When, progress: z.looseObject({ total_model_days: Count, completed: Count, failed: Count, pending: Count }) }).meta({ id: "SimulationJob", examples: [{ ...JOB, progress: PROGRESS, details: [] }] });
const BACKTESTS: Operation[] = [
  {
    method: "post", path: "/simulate/trigger", tag: "Backtest jobs", summary: "Simulate a range of dates", permission: ["runs.trigger", "runs.read"], body: { schema: TriggerBody, example: { start_date: "2026-02-02", end_date: "2026-02-06", models: ["momentum-5"] } }, status: 202,
    answer: z.looseObject({ status: Text, message: Text }).meta({ examples: [{ ...JOB, status: "accepted", total_model_days: 5, message: "Simulation job created: 5 of 5 model-days to simulate" }] }), also: { "200": "The job that the same dates made within the last 24 hours, or nothing to do: every day is simulated." }, errors: ["CONFLICT", "NOT_FOUND"], isSeed: true,
  },
  { method: "get", path: "/simulate/status/{job_id}", tag: "Backtest jobs", summary: "Show a job with its progress", permission: "runs.read", params: JobPath, answer: Job, errors: ["NOT_FOUND"], isSeed: true },
  { method: "get", path: "/simulate/current", tag: "Backtest jobs", summary: "Show the newest job", permission: "runs.read", answer: Job, errors: ["NOT_FOUND"], isSeed: true },
  { method: "get", path: "/simulate/jobs", tag: "Backtest jobs", summary: "List jobs", permission: "runs.read", query: JobsRequest, answer: z.object({ jobs: z.array(Job), count: Count.meta({ examples: [1] }), next_cursor: Text.nullable().meta({ examples: [null] }) }), isSeed: true },
  { method: "post", path: "/simulate/cancel/{job_id}", tag: "Backtest jobs", summary: "Cancel a job", permission: ["runs.cancel", "runs.read"], params: JobPath, status: 202, answer: Job, errors: ["NOT_FOUND", "CONFLICT"], isSeed: true },
  { method: "get", path: "/results", tag: "Backtest jobs", summary: "Tell what models made of past days", description: "One day: each model's day in full. A range: each model's values and what they come to.", permission: "runs.read", query: ResultsQuery, answer: z.object({ count: Count, results: z.array(z.looseObject({ model: Text })) }).meta({ examples: [{ count: 1, results: [{ model: "momentum", start_date: "2026-02-02", end_date: "2026-02-06" }] }] }), errors: ["NOT_FOUND"], isSeed: true },
  { method: "get", path: "/api/v1/backtests/{jobId}/export", tag: "Backtest jobs", summary: "Export a job's days or trades", permission: ["runs.export", "runs.read"], params: z.object({ jobId: JobPath.shape.job_id }), query: BacktestExportRequest, answer: "application/octet-stream", errors: ["NOT_FOUND"] },
];

const SERVER: Operation[] = [
  { method: "get", path: "/health", tag: "Server", summary: "Tell whether the server is well", permission: null, answer: z.looseObject({ status: z.enum(["healthy", "unhealthy"]), database: z.enum(["connected", "disconnected"]), timestamp: When, version: Text }).meta({ examples: [{ status: "healthy", database: "connected", timestamp: "2026-03-02T09:30:00.000Z", version: "0.1.0", services: { web: "up", workers: { status: "up", alive: 1 } } }] }), also: { "503": "The database cannot be reached." } },
  { method: "get", path: "/healthz", tag: "Server", summary: "Tell that the process is there", permission: null, answer: z.object({ status: Text, version: Text }).meta({ examples: [{ status: "alive", version: "0.1.0" }] }) },
  { method: "get", path: "/readyz", tag: "Server", summary: "Tell whether requests should come here", permission: null, answer: z.object({ status: z.enum(["ready", "not ready"]), reasons: z.array(Text), version: Text }).meta({ examples: [{ status: "ready", reasons: [], version: "0.1.0" }] }), also: { "503": "Not now; `reasons` says why." } },
  { method: "get", path: "/metrics", tag: "Server", summary: "Figures for Prometheus", permission: "metrics.read", answer: "text/plain" },
  { method: "get", path: "/api/v1/openapi.json", tag: "Server", summary: "This document", permission: null, answer: z.looseObject({ openapi: Text, paths: z.looseObject({}) }).meta({ examples: [{ openapi: "3.1.0", paths: {} }] }) },
];

export const SEED_OPERATIONS: Operation[] = [...PIPELINE_RUNS, ...AGENT_RUNS, ...STAGE_RUNS, ...BACKTESTS, ...SERVER];
