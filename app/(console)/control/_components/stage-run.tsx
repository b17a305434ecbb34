import Link from "next/link";
import { IfMay } from "#components/access";
import { Time } from "#components/layout/clock";
import { CancelRunButton } from "#components/runs/cancel-run-button";
import { ItemsCount } from "#components/runs/items-count";
import { RunProgress } from "#components/runs/run-progress";
import { StatusMark } from "#components/runs/status-mark";
import { WaitNote } from "#components/runs/wait-note";
import { formatCount } from "#lib/format/number";
import type { RunRow } from "#lib/runs/queries";
import type { StageCard } from "#lib/stages/queries";
import { cancelRunAction } from "../../runs/actions";
import type { ActiveFacts } from "./active-facts";

/** The run that a stage is busy with, else its last one. Both take the same room, so that nothing shifts when one begins. */
export function StageRun({ stage, active }: { stage: StageCard; active: ActiveFacts | null }) {
  const { activeRun, lastRun, itemsName, inLine } = stage;
  // That a cancelled run was cancelled is said by its mark.
  const why = lastRun && lastRun.status !== "cancelled" ? (lastRun.errorMessage ?? lastRun.reason) : null;
  return (
    <div className="mt-2 lg:min-h-16">
      {activeRun && active ? (
        <>
          <div className="flex min-h-7 flex-wrap items-center justify-between gap-2">
            <RunLink run={activeRun} />
            <IfMay permission="runs.cancel"><CancelRunButton run={activeRun} asked={active.cancelRequestedAt !== null} cancelRun={cancelRunAction} size="sm" /></IfMay>
          </div>
          {activeRun.status === "running" && (
            <div className="mt-1.5">
              <RunProgress run={activeRun} itemsName={itemsName} etaMs={active.etaMs} />
            </div>
          )}
          {active.waiting && <WaitNote waiting={active.waiting} className="mt-1" />}
          {inLine > 0 && (
            <p className="mt-1 text-ink-soft">
              <Link href={`/runs?status=pending&pipeline=${stage.pipeline}&stage=${stage.name}`} className="underline">
                {formatCount(inLine)} {inLine === 1 ? "run stands" : "runs stand"} in line
              </Link>{" "}
              behind it.
            </p>
          )}
        </>
      ) : lastRun ? (
        <>
          <p className="flex min-h-7 flex-wrap items-center gap-x-2">
            <span className="text-ink-soft">Last run</span>
            <RunLink run={lastRun} />
            <Time date={lastRun.completedAt ?? lastRun.createdAt} className="text-ink-soft" />
            <span className="text-ink-soft">
              <ItemsCount run={lastRun} word={itemsName} />
            </span>
          </p>
          {why && (
            <p className="truncate text-ink-soft" title={why}>
              {why}
            </p>
          )}
        </>
      ) : (
        <p className="text-ink-soft">Has not run yet.</p>
      )}
    </div>
  );
}

function RunLink({ run }: { run: RunRow }) {
  return (
    <Link href={`/runs/${run.id}`} className="inline-flex min-h-6 items-center gap-2 hover:underline">
      <span className="font-mono text-accent">#{run.id}</span>
      <StatusMark status={run.status} />
    </Link>
  );
}
