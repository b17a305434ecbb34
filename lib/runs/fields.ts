/** The fields of a run as lists show them, declared once. Isomorphic: pages, the CLI and the API read it. */

/** What a list of runs can be sorted by. Each has its `ORDER BY` in `queries.ts` and its index in the migrations. */
export const RUN_SORTS = ["started", "completed", "created", "stage", "status", "duration", "items"] as const;
export type RunSort = (typeof RUN_SORTS)[number];
export const isTimeSort = (sort: RunSort): sort is "started" | "completed" | "created" => sort === "started" || sort === "completed" || sort === "created";

type RunField = {
  /** Header of the column, and its name in menus. Exports name columns as the API does (lib/export/fields.ts). */
  label: string;
  /** What the field means, for the column menu. */
  description: string;
  /** The sort behind the header; null where the list cannot be sorted by it. */
  sort: RunSort | null;
  /** `locked` is always shown; `yes` and `no` are where a person's choice begins. */
  shown: "locked" | "yes" | "no";
  /** Numbers and durations stand right. */
  align: "start" | "end";
  /** In px, unless a person drags it; null takes what is left. */
  width: number | null;
};

export const RUN_FIELDS = {
  id: { label: "Run", description: "The number of the run", sort: null, shown: "locked", align: "start", width: 80 },
  stage: { label: "Stage", description: "The stage that was executed", sort: "stage", shown: "yes", align: "start", width: 192 },
  pipeline: { label: "Pipeline", description: "The pipeline that the stage belongs to", sort: null, shown: "no", align: "start", width: 128 },
  status: { label: "Status", description: "Where the run is in its life", sort: "status", shown: "yes", align: "start", width: 112 },
  started: { label: "Started", description: "When execution began; runs that wait come first", sort: "started", shown: "yes", align: "start", width: 136 },
  completed: { label: "Completed", description: "When execution finished; runs that have not come first", sort: "completed", shown: "yes", align: "start", width: 136 },
  duration: { label: "Duration", description: "From start to end", sort: "duration", shown: "yes", align: "end", width: 88 },
  items: { label: "Items", description: "Items that the stage processed, and those that failed", sort: "items", shown: "yes", align: "end", width: 144 },
  created: { label: "Created", description: "When it was triggered", sort: "created", shown: "no", align: "start", width: 136 },
  triggeredBy: { label: "Triggered by", description: "The door it came through: web, cli, schedule, api, ingest", sort: null, shown: "yes", align: "start", width: 96 },
  createdBy: { label: "Created by", description: "Who triggered it", sort: null, shown: "no", align: "start", width: 144 },
  outcome: { label: "Outcome", description: "What the run decided", sort: null, shown: "no", align: "start", width: 96 },
  subject: { label: "About", description: "What the run is about, in its pipeline's words: symbol, account, sender", sort: null, shown: "no", align: "start", width: 128 },
  error: { label: "Error", description: "Why it failed, was skipped or cancelled", sort: null, shown: "yes", align: "start", width: null },
} as const satisfies Record<string, RunField>;

export type RunFieldId = keyof typeof RUN_FIELDS;
export const RUN_FIELD_IDS = Object.keys(RUN_FIELDS) as RunFieldId[];

/** How a person has the table: which columns in which order, how wide, how dense. */
export type RunsView = { columns: { id: RunFieldId; /** In px; null as declared. */ width: number | null }[]; density: Density };
export const DENSITIES = ["compact", "comfortable"] as const;
export type Density = (typeof DENSITIES)[number];

export const DEFAULT_VIEW: RunsView = {
  columns: RUN_FIELD_IDS.filter((id) => RUN_FIELDS[id].shown !== "no").map((id) => ({ id, width: null })),
  density: "compact",
};
/** Of a column, in px. */
export const MIN_WIDTH = 48;
export const MAX_WIDTH = 1_200;

/** The view in an address: `cols=id,stage:220,status&density=comfortable`. Total; null when it says nothing of a view. */
export function readRunsView(params: URLSearchParams): RunsView | null {
  const [cols, density] = [params.get("cols"), params.get("density")];
  const columns: RunsView["columns"] = [];
  for (const word of (cols ?? "").split(",").slice(0, 100)) {
    const [name = "", px] = word.split(":");
    const id = RUN_FIELD_IDS.find((known) => known === name);
    const width = px !== undefined && /^\d{1,4}$/.test(px) ? Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, Number(px))) : null;
    if (id && columns.every((column) => column.id !== id)) columns.push({ id, width });
  }
  const known = DENSITIES.find((one) => one === density);
  if (columns.length === 0 && !known) return null;
  const locked = RUN_FIELD_IDS.filter((id) => RUN_FIELDS[id].shown === "locked" && columns.every((column) => column.id !== id)).map((id) => ({ id, width: null }));
  return { columns: columns.length > 0 ? [...locked, ...columns] : DEFAULT_VIEW.columns, density: known ?? DEFAULT_VIEW.density };
}

/** Inverse of `readRunsView`; nothing for the view that everybody begins with. */
export function printRunsView({ columns, density }: RunsView): URLSearchParams {
  const params = new URLSearchParams();
  const print = (list: RunsView["columns"]) => list.map(({ id, width }) => (width === null ? id : `${id}:${width}`)).join(",");
  if (print(columns) !== print(DEFAULT_VIEW.columns)) params.set("cols", print(columns));
  if (density !== DEFAULT_VIEW.density) params.set("density", density);
  return params;
}
