/** What runs can be filtered by, declared once. Isomorphic: the filter bar, the API and the compiler to SQL read it. */
import { RunTrigger } from "#lib/db/generated/enums";
import { RUN_STATUSES } from "#lib/runs/rules";

/** The predicates of a filter tree, as they are spelled in its JSON. `number_range` is ours, the others the seed's. */
export const PREDICATES = ["key_exists", "value_equals", "value_contains", "value_in", "time_range", "number_range"] as const;
export type Predicate = (typeof PREDICATES)[number];

/** Keys with this prefix are ours; every other key is an annotation. */
export const SYSTEM_PREFIX = "system/";
const RUN_PREFIX = `${SYSTEM_PREFIX}pipeline_run.`;

const TEXT = ["key_exists", "value_equals", "value_contains", "value_in"] as const;
const TIME = ["key_exists", "time_range"] as const;
const NUMBER = ["key_exists", "number_range"] as const;
const CHOICE = ["value_equals", "value_in"] as const;

type FilterField = {
  /** As the filter bar says it. */
  label: string;
  /** What may be asked of it; everything else is refused. */
  predicates: readonly Predicate[];
  /** The values that it can have, where they are known. */
  choices?: readonly string[];
};

/** `name` is `pipeline/stage`, such as `mail/content`: the one text in which both a pipeline and a stage can be looked for. */
export const FILTER_FIELDS = {
  "system/pipeline_run.created_by": { label: "Created by", predicates: ["key_exists", "value_equals", "value_in"] },
  "system/pipeline_run.name": { label: "Name", predicates: TEXT },
  "system/pipeline_run.date.created_at": { label: "Created", predicates: ["time_range"] },
  "system/pipeline_run.status": { label: "Status", predicates: CHOICE, choices: RUN_STATUSES },
  "system/pipeline_run.stage": { label: "Stage", predicates: TEXT },
  "system/pipeline_run.pipeline": { label: "Pipeline", predicates: TEXT },
  "system/pipeline_run.triggered_by": { label: "Triggered by", predicates: CHOICE, choices: Object.values(RunTrigger) },
  "system/pipeline_run.outcome": { label: "Outcome", predicates: TEXT },
  "system/pipeline_run.error": { label: "Error", predicates: TEXT },
  "system/pipeline_run.items": { label: "Items", predicates: NUMBER },
  "system/pipeline_run.duration_ms": { label: "Duration", predicates: NUMBER },
  "system/pipeline_run.has_llm_calls": { label: "Has LLM calls", predicates: CHOICE, choices: ["true", "false"] },
  "system/pipeline_run.date.started_at": { label: "Started", predicates: TIME },
  "system/pipeline_run.date.completed_at": { label: "Completed", predicates: TIME },
} as const satisfies Record<`${typeof RUN_PREFIX}${string}`, FilterField>;

export type SystemKey = keyof typeof FILTER_FIELDS;
export const SYSTEM_KEYS = Object.keys(FILTER_FIELDS) as SystemKey[];
export const isSystemKey = (key: string): key is SystemKey => Object.hasOwn(FILTER_FIELDS, key);

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
