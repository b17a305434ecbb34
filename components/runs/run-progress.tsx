import { ProgressBar } from "#components/ui/progress-bar";
import { formatDuration } from "#lib/format/duration";
import { countOf, formatCount } from "#lib/format/number";
import { singularOf } from "#lib/format/words";
import type { RunRow } from "#lib/runs/queries";

type Progress = Pick<RunRow, "id" | "stage" | "itemsProcessed" | "itemsFailed" | "itemsTotal" | "unitsTotal" | "unitsDone" | "unitsFailed">;

/** How much of a run is done, 0 to 1: by items where their number is known, else by units; null before it is planned. */
function doneRatio(run: Progress): number | null {
  if (run.itemsTotal) return (run.itemsProcessed + run.itemsFailed) / run.itemsTotal;
  if (run.unitsTotal) return (run.unitsDone + run.unitsFailed) / run.unitsTotal;
  return null;
}

/** The bar of a running run with its counts, and how long the rest takes where that is known. */
export function RunProgress({ run, itemsName = "items", etaMs }: { run: Progress; itemsName?: string; etaMs?: number | null }) {
  const ratio = doneRatio(run);
  const word = (run.itemsTotal || run.itemsProcessed) === 1 ? singularOf(itemsName) : itemsName;
  const counts = run.itemsTotal ? `${formatCount(run.itemsProcessed + run.itemsFailed)} of ${formatCount(run.itemsTotal)} ${word}` : `${formatCount(run.itemsProcessed)} ${word}`;
  return (
    <div>
      <ProgressBar ratio={ratio} label={`Progress of run ${run.id}, ${run.stage}`} />
      <p className="mt-1.5 flex flex-wrap gap-x-3 text-sm text-ink-soft">
        <span>{ratio === null ? "Planning" : counts}</span>
        {run.unitsTotal > 0 && (
          <span>
            {formatCount(run.unitsDone + run.unitsFailed)} of {countOf(run.unitsTotal, "unit")}
          </span>
        )}
        {run.itemsFailed > 0 && <span className="font-medium text-failed">{formatCount(run.itemsFailed)} failed</span>}
        {etaMs != null && <span>about {formatDuration(Math.max(1_000, Math.round(etaMs / 1_000) * 1_000)).replace(/\.0s$/, "s")} left</span>}
      </p>
    </div>
  );
}
