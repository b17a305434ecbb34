"use client";
import { createColumnHelper, tableFeatures } from "@tanstack/react-table";
import Link from "next/link";
import type { ReactNode } from "react";
import { Elapsed, Time } from "#components/layout/clock";
import { ItemsCount } from "#components/runs/items-count";
import { StatusMark } from "#components/runs/status-mark";
import { RUN_FIELD_IDS, RUN_FIELDS, type RunFieldId } from "#lib/runs/fields";
import type { RunRow } from "#lib/runs/queries";

/** How each field is drawn. A field without a cell does not compile. */
const RUN_CELLS: Record<RunFieldId, (run: RunRow) => ReactNode> = {
  id: (run) => (
    <Link href={`/runs/${run.id}`} data-run-link className="-mx-1 inline-flex min-h-6 items-center rounded-sm px-1 font-mono text-accent hover:underline">
      #{run.id}
    </Link>
  ),
  stage: (run) => (
    <>
      <span className="flex min-w-0 items-baseline gap-1">
        <span className="shrink-0 text-ink-soft max-lg:hidden">{run.pipeline} /</span>
        <span className="truncate font-semibold" title={`${run.pipeline} / ${run.stage}`}>
          {run.stage}
        </span>
        {run.outcome && <span className="truncate font-mono text-xs text-ink-soft" title={run.outcome}>{run.outcome}</span>}
      </span>
      {/* The second line of a phone's row: what its hidden columns say. */}
      <span className="block truncate text-xs text-ink-soft sm:hidden">
        <Time date={run.startedAt ?? run.createdAt} /> · <Elapsed durationMs={run.durationMs} startedAt={run.startedAt} running={run.status === "running"} /> ·{" "}
        <ItemsCount run={run} word="items" />
      </span>
    </>
  ),
  pipeline: (run) => run.pipeline,
  status: (run) => <StatusMark status={run.status} />,
  started: (run) => <Time date={run.startedAt} />,
  completed: (run) => <Time date={run.completedAt} />,
  duration: (run) => <Elapsed durationMs={run.durationMs} startedAt={run.startedAt} running={run.status === "running"} />,
  items: (run) => <ItemsCount run={run} />,
  triggeredBy: (run) => (
    <span title={run.createdBy ? `by ${run.createdBy}` : undefined}>{run.triggeredBy}</span>
  ),
  createdBy: (run) => run.createdBy ?? "–",
  outcome: (run) => run.outcome ?? "–",
  created: (run) => <Time date={run.createdAt} />,
  subject: (run) => {
    const text = run.subjects.map(([, value]) => value).join(", ");
    return text ? <span className="block truncate" title={run.subjects.map((pair) => pair.join(" ")).join(", ")}>{text}</span> : "–";
  },
  error: (run) => {
    const text = run.errorMessage ?? run.reason;
    return text ? (
      <span className="block truncate" title={text}>
        {text}
      </span>
    ) : null;
  },
};

/** Where a column is shown, and how wide: the table keeps its widths while rows come and go. */
const PLACE: Record<RunFieldId, string> = {
  id: "w-20",
  stage: "sm:w-40 lg:w-48",
  pipeline: "w-32 max-lg:hidden",
  status: "w-28",
  started: "w-34 max-sm:hidden",
  completed: "w-34 max-lg:hidden",
  duration: "w-20 max-sm:hidden",
  items: "w-36 max-sm:hidden",
  triggeredBy: "w-24 max-md:hidden",
  createdBy: "w-36 max-lg:hidden",
  outcome: "w-24 max-lg:hidden",
  created: "w-34 max-lg:hidden",
  subject: "w-32 max-lg:hidden",
  error: "max-xl:hidden",
};

export const runFeatures = tableFeatures({});
const column = createColumnHelper<typeof runFeatures, RunRow>();

/** The error, cut to its line, fills what is left of a wide screen: it is what one scans a list of failures for. */
const SHOWN = RUN_FIELD_IDS.filter((id) => RUN_FIELDS[id].shown !== "no" || id === "error");

export const RUN_COLUMNS = column.columns(
  SHOWN.map((id) => column.display({ id, header: RUN_FIELDS[id].label, cell: ({ row }) => RUN_CELLS[id](row.original) })),
);

/** Classes of the header and the cells of a column. */
export function columnClass(id: string): string {
  const field = isField(id) ? id : "error";
  return `${PLACE[field]} ${RUN_FIELDS[field].align === "end" ? "text-right" : "text-left"}`;
}

export function isField(id: string): id is RunFieldId {
  return id in RUN_FIELDS;
}
