/** What runs can be filtered by, declared once. Isomorphic: the filter bar, the API and the compiler to SQL read it. */
import { LlmCallStatus, RunTrigger } from "#lib/db/generated/enums";
import { RUN_STATUSES } from "#lib/runs/rules";

/** The predicates of a filter tree, as they are spelled in its JSON. `time_last` and `number_range` are ours, the others the seed's. */
export const PREDICATES = ["key_exists", "value_equals", "value_contains", "value_in", "time_range", "time_last", "number_range"] as const;
export type Predicate = (typeof PREDICATES)[number];

/** Keys with this prefix are ours; every other key is an annotation. */
export const SYSTEM_PREFIX = "system/";
const RUN_PREFIX = `${SYSTEM_PREFIX}pipeline_run.`;
/** What the run is about, by the name that its pipeline gave it: `system/pipeline_run.subject.symbol`. */
const SUBJECT_PREFIX = `${RUN_PREFIX}subject.`;

const TEXT = ["key_exists", "value_equals", "value_contains", "value_in"] as const;
const TIME = ["key_exists", "time_range", "time_last"] as const;
const NUMBER = ["key_exists", "number_range"] as const;
const CHOICE = ["value_equals", "value_in"] as const;

/** How a field's values are written in an address: `search` and `words` look for a part of the text, `duration` takes 30s and 5m. */
export type FieldKind = "choice" | "text" | "words" | "search" | "number" | "duration" | "time";

export type FilterField = {
  /** Its name in an address and as a flag: `status=failed`, `--status failed`. */
  param: string;
  /** As the filter bar says it. */
  label: string;
  kind: FieldKind;
  /** What may be asked of it; everything else is refused. */
  predicates: readonly Predicate[];
  /** The values that it can have, where they are known. */
  choices?: readonly string[];
};

/** `name` is `pipeline/stage`, such as `mail/content`: the one text in which both a pipeline and a stage can be looked for. */
export const FILTER_FIELDS = {
  "system/pipeline_run.status": { param: "status", label: "Status", kind: "choice", predicates: CHOICE, choices: RUN_STATUSES },
  "system/pipeline_run.stage": { param: "stage", label: "Stage", kind: "text", predicates: TEXT },
  "system/pipeline_run.pipeline": { param: "pipeline", label: "Pipeline", kind: "text", predicates: TEXT },
  "system/pipeline_run.name": { param: "name", label: "Name", kind: "text", predicates: TEXT },
  "system/pipeline_run.triggered_by": { param: "trigger", label: "Triggered by", kind: "choice", predicates: CHOICE, choices: Object.values(RunTrigger) },
  "system/pipeline_run.created_by": { param: "creator", label: "Created by", kind: "text", predicates: ["key_exists", "value_equals", "value_in"] },
  "system/pipeline_run.outcome": { param: "outcome", label: "Outcome", kind: "text", predicates: TEXT },
  "system/pipeline_run.error": { param: "error", label: "Error", kind: "words", predicates: TEXT },
  "system/pipeline_run.items": { param: "items", label: "Items", kind: "number", predicates: NUMBER },
  "system/pipeline_run.duration_ms": { param: "duration", label: "Duration", kind: "duration", predicates: NUMBER },
  "system/pipeline_run.has_llm_calls": { param: "llm", label: "Has LLM calls", kind: "choice", predicates: CHOICE, choices: ["true", "false"] },
  "system/pipeline_run.handled": { param: "handled", label: "Handled by a retry", kind: "choice", predicates: CHOICE, choices: ["true", "false"] },
  "system/pipeline_run.date.created_at": { param: "created", label: "Created", kind: "time", predicates: ["time_range", "time_last"] },
  "system/pipeline_run.date.started_at": { param: "started", label: "Started", kind: "time", predicates: TIME },
  "system/pipeline_run.date.completed_at": { param: "completed", label: "Completed", kind: "time", predicates: TIME },
  "system/pipeline_run.id": { param: "id", label: "Run", kind: "text", predicates: ["value_equals", "value_in"] },
  "system/pipeline_run.text": { param: "q", label: "Search", kind: "search", predicates: ["value_contains"] },
} as const satisfies Record<`${typeof RUN_PREFIX}${string}`, FilterField>;
export type SystemKey = keyof typeof FILTER_FIELDS;

const CALL_PREFIX = `${SYSTEM_PREFIX}llm_call.`;

/** What model calls can be filtered by. `stage` and `pipeline` are those of the run, also when it is gone; `run` is its number. */
export const CALL_FIELDS = {
  "system/llm_call.status": { param: "status", label: "Status", kind: "choice", predicates: CHOICE, choices: Object.values(LlmCallStatus) },
  "system/llm_call.stage": { param: "stage", label: "Stage", kind: "text", predicates: TEXT },
  "system/llm_call.pipeline": { param: "pipeline", label: "Pipeline", kind: "text", predicates: TEXT },
  "system/llm_call.role": { param: "role", label: "Role", kind: "text", predicates: TEXT },
  "system/llm_call.subject": { param: "subject", label: "Subject", kind: "text", predicates: TEXT },
  "system/llm_call.template": { param: "template", label: "Template", kind: "text", predicates: TEXT },
  "system/llm_call.model": { param: "model", label: "Model", kind: "text", predicates: TEXT },
  "system/llm_call.provider": { param: "provider", label: "Provider", kind: "text", predicates: TEXT },
  "system/llm_call.run": { param: "run", label: "Run", kind: "text", predicates: ["key_exists", "value_equals", "value_in"] },
  "system/llm_call.cost_usd": { param: "cost", label: "Cost in USD", kind: "number", predicates: NUMBER },
  "system/llm_call.tokens": { param: "tokens", label: "Tokens", kind: "number", predicates: NUMBER },
  "system/llm_call.duration_ms": { param: "duration", label: "Duration", kind: "duration", predicates: NUMBER },
  "system/llm_call.attempt": { param: "attempt", label: "Attempt", kind: "number", predicates: NUMBER },
  "system/llm_call.error": { param: "error", label: "Error", kind: "words", predicates: TEXT },
  "system/llm_call.date.created_at": { param: "created", label: "Made", kind: "time", predicates: ["time_range", "time_last"] },
  "system/llm_call.id": { param: "id", label: "Call", kind: "text", predicates: ["value_equals", "value_in"] },
  "system/llm_call.text": { param: "q", label: "Search", kind: "search", predicates: ["value_contains"] },
} as const satisfies Record<`${typeof CALL_PREFIX}${string}`, FilterField>;
export type CallKey = keyof typeof CALL_FIELDS;
export const CALL_KEYS = Object.keys(CALL_FIELDS) as CallKey[];
export const isCallKey = (key: string): key is CallKey => Object.hasOwn(CALL_FIELDS, key);

/** What a filter is about. Each has its own keys, whose parameters may be called alike. */
export type Filtered = "run" | "call";
export const filteredOf = (key: string): Filtered => (key.startsWith(CALL_PREFIX) ? "call" : "run");

export const SYSTEM_KEYS = Object.keys(FILTER_FIELDS) as SystemKey[];
export const isSystemKey = (key: string): key is SystemKey => Object.hasOwn(FILTER_FIELDS, key);

const SubjectName = /^[a-z][a-z0-9_]{0,49}$/;
export const subjectKey = (name: string): string => `${SUBJECT_PREFIX}${name}`;
/** The subject that a key names, or null when it names something else. */
export function subjectOf(key: string): string | null {
  const name = key.startsWith(SUBJECT_PREFIX) ? key.slice(SUBJECT_PREFIX.length) : "";
  return SubjectName.test(name) ? name : null;
}

/** In an address, `subject.symbol=EURUSD` and `annotation.team=blue`. */
const SUBJECT_PARAM = "subject.";
const ANNOTATION_PARAM = "annotation.";
const CALL_KEY_OF_PARAM = new Map<string, CallKey>(CALL_KEYS.map((key) => [CALL_FIELDS[key].param, key]));
const KEY_OF_PARAM = new Map<string, SystemKey>(SYSTEM_KEYS.map((key) => [FILTER_FIELDS[key].param, key]));

/** The field behind a key of a tree, whatever its kind; null for a system key that does not exist. */
export function fieldOf(key: string): FilterField | null {
  if (isSystemKey(key)) return FILTER_FIELDS[key];
  if (isCallKey(key)) return CALL_FIELDS[key];
  const subject = subjectOf(key);
  if (subject !== null) return { param: `${SUBJECT_PARAM}${subject}`, label: subject.charAt(0).toUpperCase() + subject.slice(1).replaceAll("_", " "), kind: "text", predicates: TEXT };
  return key.startsWith(SYSTEM_PREFIX) ? null : { param: `${ANNOTATION_PARAM}${key}`, label: key, kind: "text", predicates: ANNOTATION_PREDICATES };
}

/** The key behind a parameter of an address; null when the parameter is about something else. */
export function keyOfParam(param: string, of: Filtered = "run"): string | null {
  if (of === "call") return CALL_KEY_OF_PARAM.get(param) ?? null;
  if (param.startsWith(SUBJECT_PARAM)) return subjectKey(param.slice(SUBJECT_PARAM.length));
  if (param.startsWith(ANNOTATION_PARAM)) return param.slice(ANNOTATION_PARAM.length);
  return KEY_OF_PARAM.get(param) ?? null;
}

/** What may be asked of an annotation. */
export const ANNOTATION_PREDICATES: readonly Predicate[] = TEXT;

/** The seed's spelling of a status; further ones of ours in its style. */
export const SEED_STATUS = {
  pending: "PENDING",
  running: "RUNNING",
  completed: "SUCCEEDED",
  partial: "PARTIAL",
  hold: "HOLD",
  skipped: "SKIPPED",
  failed: "FAILED",
  cancelled: "CANCELLED",
} as const satisfies Record<(typeof RUN_STATUSES)[number], string>;

/** Our status behind a word of either spelling, whatever its case; null when it is none. */
export function findStatus(word: string): (typeof RUN_STATUSES)[number] | null {
  const upper = word.toUpperCase();
  return RUN_STATUSES.find((status) => status.toUpperCase() === upper || SEED_STATUS[status] === upper) ?? null;
}
