"use client";
import type { ReactNode } from "react";
import { Age, Elapsed, Time } from "#components/layout/clock";
import { ItemsCount, itemsInWords } from "#components/runs/items-count";
import { StatusMark } from "#components/runs/status-mark";
import { formatCount } from "#lib/format/number";
import { RUN_FIELD_IDS, RUN_FIELDS, type RunFieldId } from "#lib/runs/fields";
import type { RunRow } from "#lib/runs/queries";

/** What cells draw; no more is sent to the browser. */
export type TableRun = Omit<RunRow, "externalId" | "unitsTotal" | "unitsDone" | "unitsFailed" | "retryOf" | "groupId">;

export const RUN_DATES = ["createdAt", "startedAt", "completedAt"] as const;

/** How each field is drawn. A field without a cell does not compile. */
export const RUN_CELLS: Record<RunFieldId, (run: TableRun) => ReactNode> = {
  // The table listens for all of its rows' links.
  id: (run) => (
    <a href={`/runs/${run.id}`} data-row-link>
      {`#${run.id}`}
    </a>
  ),
  stage: (run) => (
    <>
      <span className="run-stage" title={`${run.pipeline} / ${run.stage}${run.outcome ? ` / ${run.outcome}` : ""}`}>
        <span className="max-lg:hidden">{`${run.pipeline} / `}</span>
        <b>{run.stage}</b>
        {run.outcome && <code>{` ${run.outcome}`}</code>}
      </span>
      {/* The second line of a phone's row: what its hidden columns say. */}
      <span className="sm:hidden">
        <Age date={run.startedAt ?? run.createdAt} durationMs={run.durationMs} startedAt={run.startedAt} running={run.status === "running"} />
        {` · ${itemsInWords(run)}`}
        {run.itemsFailed > 0 && <i>{` · ${formatCount(run.itemsFailed)} failed`}</i>}
      </span>
    </>
  ),
  pipeline: (run) => run.pipeline,
  status: (run) => <StatusMark status={run.status} />,
  started: (run) => <Time date={run.startedAt} />,
  completed: (run) => <Time date={run.completedAt} />,
  duration: (run) => <Elapsed durationMs={run.durationMs} startedAt={run.startedAt} running={run.status === "running"} />,
  items: (run) => <ItemsCount run={run} />,
  created: (run) => <Time date={run.createdAt} />,
  triggeredBy: (run) => (run.createdBy ? <span title={`by ${run.createdBy}`}>{run.triggeredBy}</span> : run.triggeredBy),
  createdBy: (run) => <Cut text={run.createdBy} />,
  outcome: (run) => <Cut text={run.outcome} />,
  subject: (run) => <Cut text={run.subjects.map(([, value]) => value).join(", ")} title={run.subjects.map((pair) => pair.join(" ")).join(", ")} />,
  error: (run) => <Cut text={run.errorMessage ?? run.reason} none="" />,
};

function Cut({ text, title = text ?? undefined, none = "–" }: { text: string | null; title?: string; none?: string }) {
  return text ? (
    <span className="block truncate" title={title}>
      {text}
    </span>
  ) : (
    none
  );
}

/** From which width of the window on a column is shown, whatever a person chose: a phone has room for three. */
const FROM: Record<RunFieldId, string> = {
  id: "",
  stage: "",
  status: "",
  pipeline: "max-lg:hidden",
  started: "max-sm:hidden",
  completed: "max-lg:hidden",
  duration: "max-sm:hidden",
  items: "max-sm:hidden",
  created: "max-lg:hidden",
  triggeredBy: "max-md:hidden",
  createdBy: "max-lg:hidden",
  outcome: "max-lg:hidden",
  subject: "max-lg:hidden",
  error: "max-xl:hidden",
};
/** On a phone the stage takes what the others leave. */
const PHONE_WIDTH: Partial<Record<RunFieldId, string>> = { id: "max-sm:w-20", status: "max-sm:w-28" };

/** Classes of a column's cells: few, since they stand in every row; what all cells share is in the style sheet. */
export const CELL_CLASS = Object.fromEntries(
  RUN_FIELD_IDS.map((id) => [id, [FROM[id], RUN_FIELDS[id].align === "end" && "text-right", id === "id" && "max-sm:pl-4"].filter(Boolean).join(" ") || undefined]),
) as Record<RunFieldId, string | undefined>;

/** Classes of a column's header, which has its width in `--w`. */
export function columnClass(id: RunFieldId): string {
  return `${FROM[id]} ${PHONE_WIDTH[id] ?? ""} sm:w-(--w) ${RUN_FIELDS[id].align === "end" ? "text-right" : "text-left"}`;
}
