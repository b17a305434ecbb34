/** What an export of runs holds: its formats and its columns. Isomorphic. */
import { RUN_FIELDS, type RunFieldId } from "#lib/runs/fields";
import type { RunRow } from "#lib/runs/sql/run-row";

export const EXPORT_FORMATS = ["csv", "ndjson", "parquet"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

type Format = {
  label: string;
  /** What it is good for, for menus. */
  description: string;
  mediaType: string;
  extension: string;
};
export const EXPORT_FORMAT: Record<ExportFormat, Format> = {
  csv: { label: "CSV", description: "For spreadsheets and most programs", mediaType: "text/csv; charset=utf-8; header=present", extension: "csv" },
  ndjson: { label: "JSON Lines", description: "One JSON object a line, as the API answers", mediaType: "application/x-ndjson; charset=utf-8", extension: "ndjson" },
  parquet: { label: "Parquet", description: "Typed columns, for DuckDB, pandas, Spark", mediaType: "application/vnd.apache.parquet", extension: "parquet" },
};

/** How a column is typed where a format has types. An `id` may pass 2^31, an `integer` never does. */
export type ColumnType = "id" | "integer" | "number" | "text" | "time" | "pairs";
export type ExportColumn = { name: string; type: ColumnType };

/** The parts of a row that stand for each field of the list. A field without its columns does not compile. */
const COLUMNS_OF = {
  id: { id: "id" },
  stage: { stage: "text" },
  pipeline: { pipeline: "text" },
  status: { status: "text" },
  started: { startedAt: "time" },
  completed: { completedAt: "time" },
  duration: { durationMs: "integer" },
  items: { itemsProcessed: "integer", itemsFailed: "integer", itemsTotal: "integer" },
  created: { createdAt: "time" },
  triggeredBy: { triggeredBy: "text" },
  createdBy: { createdBy: "text" },
  outcome: { outcome: "text" },
  subject: { subjects: "pairs" },
  error: { errorMessage: "text" },
} as const satisfies Record<RunFieldId, Partial<Record<keyof RunRow, ColumnType>>>;

/** What rows hold besides, and no list shows. A part of a row that is in neither does not compile. */
const FURTHER: Record<Exclude<keyof RunRow, Listed>, ColumnType> = {
  reason: "text",
  externalId: "text",
  unitsTotal: "integer",
  unitsDone: "integer",
  unitsFailed: "integer",
  retryOf: "id",
  groupId: "id",
};
type Listed = { [F in RunFieldId]: keyof (typeof COLUMNS_OF)[F] }[RunFieldId];

const columnsIn = (part: Partial<Record<keyof RunRow, ColumnType>>): ExportColumn[] =>
  (Object.entries(part) as [keyof RunRow, ColumnType][]).map(([name, type]) => ({ name, type }));

/** Every column in order: that of the list's fields, then the rest. Names are those of the API, units in them. */
export const EXPORT_COLUMNS: ExportColumn[] = [
  ...(Object.keys(RUN_FIELDS) as RunFieldId[]).flatMap((field) => columnsIn(COLUMNS_OF[field])),
  ...columnsIn(FURTHER),
];

/** `penstock-runs-2026-11-21.csv`; the date is that of UTC. */
export const exportFileName = (format: ExportFormat, now: Date, of = "runs"): string => `penstock-${of}-${now.toISOString().slice(0, 10)}.${EXPORT_FORMAT[format].extension}`;
