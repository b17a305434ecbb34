import { Hourglass } from "lucide-react";
import Link from "next/link";
import { CancelRunButton } from "#components/runs/cancel-run-button";
import { RunProgress } from "#components/runs/run-progress";
import { StatusMark } from "#components/runs/status-mark";
import { CopyButton } from "#components/ui/copy-button";
import type { RunDetail } from "#lib/runs/queries";
import { isFinal } from "#lib/runs/rules";
import { cancelRunAction } from "../../actions";

/** Which run it is, how it stands, and, while it is not over, how far it has got and why it waits. */
export function RunHeader({ run, isDemo, itemsName }: { run: RunDetail; isDemo: boolean; itemsName: string }) {
  const waits = run.status === "pending" || run.waitReason !== null;
  return (
    <div className="px-4 pt-5 pb-4 sm:px-6">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h1 className="flex flex-wrap items-center gap-x-3 gap-y-1 text-title font-semibold">
            <span className="break-words">
              <span className="font-normal text-ink-soft">{run.pipeline} / </span>
              {run.stage}
            </span>
            <StatusMark status={run.status} className="text-base" />
            {isDemo && <span title="This run is made up." className="rounded-sm bg-accent-wash px-1.5 text-xs font-semibold text-accent">Demo</span>}
          </h1>
          <p className="mt-1 flex items-center gap-1 text-ink-soft">
            Run <span className="font-mono">#{run.id}</span>
            <CopyButton text={String(run.id)} label="Copy the run's number" />
            {run.outcome && <span className="ml-2">decided <span className="font-mono font-semibold text-ink">{run.outcome}</span></span>}
          </p>
        </div>
        {!isFinal(run.status) && <CancelRunButton run={run} asked={run.cancelRequestedAt !== null} cancelRun={cancelRunAction} />}
      </div>
      {run.status === "running" && (
        <div className="mt-4 max-w-2xl">
          <RunProgress run={run} itemsName={itemsName} etaMs={run.etaMs} />
        </div>
      )}
      {waits && run.waitReason && (
        <p className="mt-3 flex items-center gap-2 font-medium">
          <Hourglass aria-hidden className="size-4 shrink-0 text-ink-soft" />
          {run.waitReason}
        </p>
      )}
      {run.reason && run.reason !== run.errorMessage && <p className="mt-3 max-w-[90ch] break-words">{run.reason}</p>}
      {run.group.length > 1 && <RunGroup run={run} />}
    </div>
  );
}

/** The runs that were triggered together, in order. */
function RunGroup({ run }: { run: RunDetail }) {
  return (
    <nav aria-label="Runs triggered together" className="mt-4 flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
      <span className="text-ink-soft">Together with</span>
      {run.group.map((member) => (
        <Link
          key={member.id}
          href={`/runs/${member.id}`}
          aria-current={member.id === run.id ? "true" : undefined}
          className="inline-flex min-h-6 items-center gap-1.5 rounded-sm hover:underline aria-[current]:font-semibold"
        >
          <StatusMark status={member.status} word={member.stage} />
          <span className="sr-only">{member.status}</span>
        </Link>
      ))}
    </nav>
  );
}
