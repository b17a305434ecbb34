import { CircleCheck, Pin, RotateCcw } from "lucide-react";
import Link from "next/link";
import { IfMay } from "#components/access";
import { Time } from "#components/layout/clock";
import { CancelRunButton } from "#components/runs/cancel-run-button";
import { PinRunButton } from "#components/runs/pin-run-button";
import { RunProgress } from "#components/runs/run-progress";
import { StatusMark } from "#components/runs/status-mark";
import { WaitNote } from "#components/runs/wait-note";
import { CopyButton } from "#components/ui/copy-button";
import type { Baseline } from "#lib/baseline/queries";
import type { RunDetail, RunLink } from "#lib/runs/queries";
import { isFinal } from "#lib/runs/rules";
import type { ParamField } from "#lib/stages/queries";
import { cancelRunAction, pinRunAction } from "../../actions";
import { CompareButton } from "./compare-button";
import { Expectation } from "./expectation";
import { RetryRunButton } from "./retry-run-button";
import { RunNeighbours } from "./run-keys";

type RunHeaderProps = {
  run: RunDetail;
  /** Made up, to show what there is. */
  isDemo: boolean;
  baseline: Baseline;
  itemsName: string;
  /** The stage's parameters; null when this program does not know the stage, and so cannot retry it. */
  fields: ParamField[] | null;
  failedUnits: number;
};

/** Which run it is, how it stands, and, while it is not over, how far it has got and why it waits. */
export function RunHeader({ run, isDemo, baseline, itemsName, fields, failedUnits }: RunHeaderProps) {
  return (
    <div className="px-4 pt-5 pb-4 sm:px-6">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h1 className="flex flex-wrap items-center gap-x-3 gap-y-1 text-title font-semibold">
            <span className="[overflow-wrap:anywhere]">
              <span className="font-normal text-ink-soft">{run.pipeline} / </span>
              {run.stage}
            </span>
            <StatusMark status={run.status} className="text-base" />
            {isDemo && <span title="This run is made up." className="rounded-sm bg-accent-wash px-1.5 text-xs font-semibold text-accent">Demo</span>}
          </h1>
          <p className="mt-1 flex flex-wrap items-center gap-1 text-ink-soft">
            Run <span className="font-mono">#{run.id}</span>
            <CopyButton text={String(run.id)} label="Copy the run's number" />
            {run.outcome && <span className="ml-2">decided <span className="font-mono font-semibold text-ink">{run.outcome}</span></span>}
          </p>
        </div>
        <div className="flex flex-wrap items-center gap-2">
          <RunNeighbours previous={baseline.previous} next={baseline.next} />
          <CompareButton runId={run.id} previousId={baseline.previous?.id ?? null} successId={baseline.lastSuccess?.id ?? null} />
          {!isFinal(run.status) && <IfMay permission="runs.cancel"><CancelRunButton run={run} asked={run.cancelRequestedAt !== null} cancelRun={cancelRunAction} /></IfMay>}
          {isFinal(run.status) && fields && !run.hidden && <IfMay permission="runs.retry"><RetryRunButton run={{ id: run.id, stage: run.stage, status: run.status, params: run.params }} fields={fields} failedUnits={failedUnits} /></IfMay>}
          <IfMay permission="stages.control"><PinRunButton run={{ id: run.id, isPinned: run.pinnedAt !== null }} pinRun={pinRunAction} /></IfMay>
        </div>
      </div>
      {run.status === "running" && (
        <div className="mt-4 max-w-2xl">
          <RunProgress run={run} itemsName={itemsName} etaMs={run.etaMs} />
          {baseline.expected && run.startedAt && <Expectation expected={baseline.expected} startedAt={run.startedAt} />}
        </div>
      )}
      {run.waiting && <WaitNote waiting={run.waiting} className="mt-3 max-w-[90ch] font-medium" />}
      {run.reason && run.reason !== run.errorMessage && <p className="mt-3 max-w-[90ch] [overflow-wrap:anywhere]">{run.reason}</p>}
      {run.pinnedAt && (
        <p className="mt-3 flex items-center gap-2 text-sm text-ink-soft">
          <Pin aria-hidden className="size-4 shrink-0" />
          <span>
            Pinned <Time date={run.pinnedAt} />
            {run.pinnedBy && ` by ${run.pinnedBy}`}: retention leaves it alone.
          </span>
        </p>
      )}
      <Retries run={run} />
      <RunGroup run={run} />
    </div>
  );
}

/** What it retries, what retries it, and whether that was the end of it. */
function Retries({ run }: { run: RunDetail }) {
  if (!run.retried && run.retries.length === 0) return null;
  return (
    <div className="mt-3 flex flex-col gap-1 text-sm">
      {run.handledBy !== null && run.status !== "completed" && (
        <p className="flex items-center gap-2 font-medium text-completed">
          <CircleCheck aria-hidden className="size-4 shrink-0" />
          <span>
            Handled: its retry <RunAnchor id={run.handledBy} /> succeeded.
          </span>
        </p>
      )}
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-ink-soft">
        <RotateCcw aria-hidden className="size-3.5 shrink-0" />
        {run.retried && (
          <span className="inline-flex items-center gap-1.5">
            Retries {run.onlyFailed && "what failed of "}<RunAnchor id={run.retried.id} /> <StatusMark status={run.retried.status} />
          </span>
        )}
        {run.retries.length > 0 && <span>Retried as</span>}
        {run.retries.map((retry) => (
          <span key={retry.id} className="inline-flex items-center gap-1.5">
            <RunAnchor id={retry.id} /> <StatusMark status={retry.status} />
          </span>
        ))}
      </p>
    </div>
  );
}

const RunAnchor = ({ id }: { id: number }) => (
  <Link href={`/runs/${id}`} className="font-mono text-accent hover:underline">
    #{id}
  </Link>
);

/** The runs that were triggered together, as this one sees them: those it needs, those that need it, the others. */
function RunGroup({ run }: { run: RunDetail }) {
  if (run.group.length < 2) return null;
  const up = new Set(run.waitsFor.map(({ id }) => id));
  const others = run.group.filter(({ id }) => id !== run.id);
  const downstream = others.filter(({ waitsFor }) => waitsFor.includes(run.id));
  const rest = others.filter(({ id }) => !up.has(id) && !downstream.some((one) => one.id === id));
  return (
    <nav aria-label="Runs triggered together" className="mt-4 flex flex-wrap items-center gap-x-6 gap-y-1 text-sm">
      <GroupPart word="Needs" runs={others.filter(({ id }) => up.has(id))} />
      <GroupPart word="Needed by" runs={downstream} />
      <GroupPart word="Together with" runs={rest} />
    </nav>
  );
}

function GroupPart({ word, runs }: { word: string; runs: RunLink[] }) {
  if (runs.length === 0) return null;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-3 gap-y-1">
      <span className="text-ink-soft">{word}</span>
      {runs.map((member) => (
        <Link key={member.id} href={`/runs/${member.id}`} className="inline-flex min-h-6 items-center gap-1.5 rounded-sm hover:underline">
          <StatusMark status={member.status} word={member.stage} />
          <span className="sr-only">{member.status}</span>
        </Link>
      ))}
    </span>
  );
}
