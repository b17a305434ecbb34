/** The fields of a run as lists show them, declared once. Isomorphic: pages, the CLI and the API read it. */

/** What a list of runs can be sorted by. Each has its `ORDER BY` in `queries.ts` and its index in the migrations. */
export const RUN_SORTS = ["started", "completed", "created", "stage", "status", "duration", "items"] as const;
export type RunSort = (typeof RUN_SORTS)[number];

type RunField = {
  /** Header of the column, and its name in menus and exports. */
  label: string;
  /** What the field means, for the column menu. */
  description: string;
  /** The sort behind the header; null where the list cannot be sorted by it. */
  sort: RunSort | null;
  /** `locked` is always shown; `yes` and `no` are where a person's choice begins. */
  shown: "locked" | "yes" | "no";
  /** Numbers and durations stand right. */
  align: "start" | "end";
};

export const RUN_FIELDS = {
  id: { label: "Run", description: "The number of the run", sort: null, shown: "locked", align: "start" },
  stage: { label: "Stage", description: "The stage that was executed", sort: "stage", shown: "yes", align: "start" },
  pipeline: { label: "Pipeline", description: "The pipeline that the stage belongs to", sort: null, shown: "no", align: "start" },
  status: { label: "Status", description: "Where the run is in its life", sort: "status", shown: "yes", align: "start" },
  started: { label: "Started", description: "When execution began; runs that wait come first", sort: "started", shown: "yes", align: "start" },
  completed: { label: "Completed", description: "When execution finished; runs that have not come first", sort: "completed", shown: "yes", align: "start" },
  duration: { label: "Duration", description: "From start to end", sort: "duration", shown: "yes", align: "end" },
  items: { label: "Items", description: "Items that the stage processed, and those that failed", sort: "items", shown: "yes", align: "end" },
  created: { label: "Created", description: "When it was triggered", sort: "created", shown: "no", align: "start" },
  triggeredBy: { label: "Triggered by", description: "The door it came through: web, cli, schedule, api, ingest", sort: null, shown: "yes", align: "start" },
  createdBy: { label: "Created by", description: "Who triggered it", sort: null, shown: "no", align: "start" },
  outcome: { label: "Outcome", description: "What the run decided", sort: null, shown: "no", align: "start" },
  subject: { label: "About", description: "What the run is about, in its pipeline's words: symbol, account, sender", sort: null, shown: "no", align: "start" },
  error: { label: "Error", description: "Why it failed", sort: null, shown: "no", align: "start" },
} as const satisfies Record<string, RunField>;

export type RunFieldId = keyof typeof RUN_FIELDS;
export const RUN_FIELD_IDS = Object.keys(RUN_FIELDS) as RunFieldId[];
