/** The fields of a model call as lists show them, declared once. Isomorphic. */
import type { LlmCallStatus } from "#lib/db/generated/enums";
import type { ColumnType } from "#lib/export/fields";
import { type ColumnField, type TableView, tableViews } from "#lib/table/view";
import type { CallRow } from "./sql/call-row.ts";

export type CallStatus = LlmCallStatus;

/** What a list of calls can be sorted by. Each has its `ORDER BY` in `queries.ts` and its index in migration llm_audit. */
export const CALL_SORTS = ["created", "cost", "tokens", "duration"] as const;
export type CallSort = (typeof CALL_SORTS)[number];

type CallField = ColumnField & { sort: CallSort | null };

export const CALL_COLUMNS = {
  id: { label: "Call", description: "The number of the call", sort: null, shown: "locked", align: "start", width: 88 },
  created: { label: "Made", description: "When the question was sent", sort: "created", shown: "yes", align: "start", width: 124 },
  status: { label: "Status", description: "Whether a usable answer came back", sort: null, shown: "yes", align: "start", width: 104 },
  stage: { label: "Stage", description: "The stage that asked", sort: null, shown: "yes", align: "start", width: 152 },
  role: { label: "Role", description: "Which part of the stage asked", sort: null, shown: "yes", align: "start", width: 144 },
  subject: { label: "Subject", description: "What the question was about: a sender, a symbol", sort: null, shown: "yes", align: "start", width: null },
  template: { label: "Template", description: "The prompt template, with its version", sort: null, shown: "no", align: "start", width: 168 },
  model: { label: "Model", description: "The model that was asked", sort: null, shown: "yes", align: "start", width: 152 },
  provider: { label: "Provider", description: "Who serves it: the host of the endpoint, or local", sort: null, shown: "no", align: "start", width: 144 },
  tokens: { label: "Tokens", description: "Input and output together", sort: "tokens", shown: "yes", align: "end", width: 80 },
  input: { label: "Input", description: "Input tokens, cached ones among them", sort: null, shown: "no", align: "end", width: 88 },
  output: { label: "Output", description: "Output tokens, reasoning among them", sort: null, shown: "no", align: "end", width: 88 },
  cost: { label: "Cost", description: "By the price valid when it was made; a dash where the model has no price or nothing was counted", sort: "cost", shown: "yes", align: "end", width: 80 },
  duration: { label: "Duration", description: "From the question to the last byte of the answer", sort: "duration", shown: "yes", align: "end", width: 80 },
  attempt: { label: "Attempt", description: "1, and more for retries and repairs", sort: null, shown: "no", align: "end", width: 80 },
  run: { label: "Run", description: "The run that it belongs to", sort: null, shown: "yes", align: "start", width: 76 },
  error: { label: "Error", description: "Why there is no usable answer", sort: null, shown: "no", align: "start", width: 240 },
} as const satisfies Record<string, CallField>;
export type CallColumnId = keyof typeof CALL_COLUMNS;

export type CallsView = TableView<CallColumnId>;
const views = tableViews<CallColumnId>(CALL_COLUMNS);
export const USUAL_CALLS_VIEW: CallsView = views.usual;
export const readCallsView = views.read;
export const printCallsView = views.print;

/** Fields whose values a menu offers, counted among the newest calls that match the rest. */
export const CALL_FACETS = ["status", "stage", "pipeline", "role", "subject", "template", "model", "provider"] as const;
export type CallFacet = (typeof CALL_FACETS)[number];

/** What usage is broken down by. */
export const USAGE_BY = ["model", "stage", "role", "provider", "template"] as const;
export type UsageBy = (typeof USAGE_BY)[number];

/** What an export of calls holds: names are those of the API, units in them. */
export const CALL_EXPORT_COLUMNS: { name: keyof CallRow; type: ColumnType }[] = [
  { name: "id", type: "id" }, { name: "createdAt", type: "time" }, { name: "status", type: "text" }, { name: "pipeline", type: "text" }, { name: "stage", type: "text" },
  { name: "runId", type: "id" }, { name: "stepSeq", type: "integer" }, { name: "role", type: "text" }, { name: "subject", type: "text" }, { name: "template", type: "text" },
  { name: "templateVersion", type: "text" }, { name: "provider", type: "text" }, { name: "model", type: "text" }, { name: "attempt", type: "integer" },
  { name: "inputTokens", type: "integer" }, { name: "cachedTokens", type: "integer" }, { name: "outputTokens", type: "integer" }, { name: "reasoningTokens", type: "integer" },
  { name: "totalTokens", type: "integer" }, { name: "costUsd", type: "number" }, { name: "durationMs", type: "integer" }, { name: "errorClass", type: "text" }, { name: "error", type: "text" },
];
