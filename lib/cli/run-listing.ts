import { formatDuration } from "#lib/format/duration";
import { formatCount } from "#lib/format/number";
import { formatRelative } from "#lib/format/time";
import type { RunRow } from "#lib/runs/queries";
import type { Io } from "./command.ts";
import type { Listing } from "./output.ts";
import { printStatus } from "./style.ts";

/** How runs look in a table: the columns of the page, the reason or error last, since it is what may be cut. */
export function runListing(io: Io, empty: string): Listing<RunRow> {
  const now = io.now();
  const ago = (at: Date | null) => (at ? formatRelative(at, now) : "–");
  return {
    id: (run) => run.id,
    empty,
    columns: [
      { header: "Run", align: "right", print: (run) => `#${run.id}` },
      { header: "Stage", print: (run) => `${run.pipeline}/${run.stage}` },
      { header: "Status", print: (run) => printStatus(io, run.status) },
      { header: "Started", print: (run) => ago(run.startedAt) },
      { header: "Completed", print: (run) => ago(run.completedAt) },
      { header: "Duration", align: "right", print: (run) => (run.durationMs === null ? "–" : formatDuration(run.durationMs)) },
      { header: "Items", align: "right", print: printItems },
      { header: "By", print: (run) => run.triggeredBy },
      { header: "Why", print: (run) => run.errorMessage ?? run.reason ?? run.outcome ?? "" },
    ],
  };
}

function printItems({ itemsProcessed, itemsFailed }: RunRow): string {
  return itemsFailed > 0 ? `${formatCount(itemsProcessed)} (${formatCount(itemsFailed)} failed)` : formatCount(itemsProcessed);
}
