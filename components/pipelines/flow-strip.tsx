import { ChevronRight } from "lucide-react";
import { StatusIcon } from "#components/runs/status-mark";
import { countOf, formatCount } from "#lib/format/number";
import type { StageCard } from "#lib/stages/queries";

/** A pipeline's stages in their order, each with the mark of its last run, what it has made and what waits for it. */
export function FlowStrip({ stages, hrefOf }: { stages: StageCard[]; hrefOf: (stage: StageCard) => string }) {
  return (
    <ol className="relative flex overflow-x-auto px-4 pb-4 sm:px-6">
      {stages.map((stage, index) => (
        <li key={stage.name} className="flex shrink-0 items-center sm:min-w-0 sm:flex-1">
          {index > 0 && (
            <ChevronRight aria-hidden className={stage.needs.length > 0 ? "mx-1 size-4 shrink-0 text-ink-soft" : "mx-1 size-4 shrink-0 text-line"} />
          )}
          <a href={hrefOf(stage)} className="min-w-28 flex-1 rounded-md border bg-surface px-3 py-2 hover:bg-hover focus-visible:-outline-offset-2">
            <span className="flex items-center gap-1.5 font-semibold">
              <Mark stage={stage} />
              <span className="truncate">{stage.name}</span>
            </span>
            <Counts stage={stage} />
          </a>
        </li>
      ))}
    </ol>
  );
}

/** What it has made and what waits; of one that counts neither, how its last run went. */
function Counts({ stage: { rows, waiting, countError, activeRun, lastRun } }: { stage: StageCard }) {
  const line = "block truncate text-xs text-ink-soft";
  if (rows === null && waiting === null && countError === null) return <span className={`mt-0.5 ${line}`}>{activeRun ? "running now" : lastRun ? `last run ${lastRun.status}` : "never run"}</span>;
  return (
    <>
      <span className={`mt-0.5 ${line}`}>{rows === null ? (countError === null ? "rows not counted" : "count failed") : countOf(rows, "row")}</span>
      <span className={line}>{waiting === null ? "–" : waiting > 0 ? <span className="font-medium text-ink">{formatCount(waiting)} waiting</span> : "nothing waits"}</span>
    </>
  );
}

function Mark({ stage }: { stage: StageCard }) {
  const status = stage.activeRun?.status ?? stage.lastRun?.status;
  if (!status) return null;
  return (
    <>
      <StatusIcon status={status} />
      <span className="sr-only">{status}</span>
    </>
  );
}
