/** The fields of a run as lists show them, declared once. Isomorphic: pages, the CLI and the API read it. */
import { type ColumnField, type TableView, tableViews } from "#lib/table/view";

/** What a list of runs can be sorted by. Each has its `ORDER BY` in `queries.ts` and its index in the migrations. */
export const RUN_SORTS = ["started", "completed", "created", "stage", "status", "duration", "items"] as const;
export type RunSort = (typeof RUN_SORTS)[number];
export const isTimeSort = (sort: RunSort): sort is "started" | "completed" | "created" => sort === "started" || sort === "completed" || sort === "created";

type RunField = ColumnField & {
  /** The sort behind the header; null where the list cannot be sorted by it. Exports name columns as the API does (lib/export/fields.ts). */
  sort: RunSort | null;
};

export const RUN_FIELDS = {
  id: { label: "Run", description: "The number of the run", sort: null, shown: "locked", align: "start", width: 80 },
  stage: { label: "Stage", description: "The stage that was executed", sort: "stage", shown: "yes", align: "start", width: 192 },
  pipeline: { label: "Pipeline", description: "The pipeline that the stage belongs to", sort: null, shown: "no", align: "start", width: 128 },
  status: { label: "Status", description: "Where the run is in its life", sort: "status", shown: "yes", align: "start", width: 112 },
  started: { label: "Started", description: "When execution began; runs that wait come first", sort: "started", shown: "yes", align: "start", width: 124 },
  completed: { label: "Completed", description: "When execution finished; runs that have not come first", sort: "completed", shown: "yes", align: "start", width: 124 },
  duration: { label: "Duration", description: "From start to end", sort: "duration", shown: "yes", align: "end", width: 88 },
  items: { label: "Items", description: "Items that the stage processed, and those that failed", sort: "items", shown: "yes", align: "end", width: 116 },
  created: { label: "Created", description: "When it was triggered", sort: "created", shown: "no", align: "start", width: 136 },
  triggeredBy: { label: "Triggered by", description: "The door it came through: web, cli, schedule, api, ingest", sort: null, shown: "yes", align: "start", width: 96 },
  createdBy: { label: "Created by", description: "Who triggered it", sort: null, shown: "no", align: "start", width: 144 },
  outcome: { label: "Outcome", description: "What the run decided", sort: null, shown: "no", align: "start", width: 96 },
  subject: { label: "About", description: "What the run is about, in its pipeline's words: symbol, account, sender", sort: null, shown: "no", align: "start", width: 128 },
  error: { label: "Error", description: "Why it failed, was skipped or cancelled", sort: null, shown: "yes", align: "start", width: null },
} as const satisfies Record<string, RunField>;

export type RunFieldId = keyof typeof RUN_FIELDS;
export const RUN_FIELD_IDS = Object.keys(RUN_FIELDS) as RunFieldId[];

const views = tableViews<RunFieldId>(RUN_FIELDS);
/** How a person has the table: which columns in which order, how wide, how dense. */
export type RunsView = TableView<RunFieldId>;
export const DEFAULT_VIEW: RunsView = views.usual;
export const readRunsView = views.read;
export const printRunsView = views.print;
