"use client";
import { useEffect, useState } from "react";
import { FullTime } from "#components/layout/clock";
import { readData } from "#components/layout/read-data";
import { ErrorDetail } from "#components/trace/error-detail";
import { SidePanel } from "#components/trace/side-panel";
import { ShownMark } from "#components/trace/shown-mark";
import { StepCalls } from "#components/trace/step-calls";
import { StepIo } from "#components/trace/step-io";
import { Button } from "#components/ui/button";
import { CopyButton } from "#components/ui/copy-button";
import { Skeleton } from "#components/ui/skeleton";
import { formatDuration } from "#lib/format/duration";
import type { StepDetail } from "#lib/trace/queries";
import { shownStatus, type Trace } from "#lib/trace/rules";

/** A step as JSON carries it. */
type Step = Omit<StepDetail, "startedAt" | "completedAt"> & { startedAt: string; completedAt: string | null };

/** One step: its facts, why it failed, what it was given and what it gave. Asked for when it is opened. */
export function StepPanel({ trace, seq, onClose, onSelect }: { trace: Trace; seq: number; onClose: () => void; onSelect: (seq: number) => void }) {
  const index = trace.steps.seq.indexOf(seq);
  const shown = index >= 0 ? shownStatus(trace, index) : null;
  const { step, fault, retry } = useStep(trace.runId, seq, shown);
  const name = trace.names[trace.steps.name[index] ?? -1] ?? step?.stepName ?? `Step ${seq}`;
  const parent = trace.steps.parent[index] ?? -1;
  const durationMs = trace.steps.durationMs[index] ?? -1;

  return (
    <SidePanel title={name} label={`Step ${seq}`} onClose={onClose}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        {shown && <ShownMark shown={shown} />}
        <span className="inline-flex items-center gap-1 text-ink-soft">
          Step <span className="font-mono">{seq}</span>
          <CopyButton text={String(seq)} label="Copy the step's number" />
        </span>
        {durationMs >= 0 && <span>{formatDuration(durationMs)}</span>}
      </div>
      {fault && (
        <p role="alert" className="flex flex-wrap items-center gap-2 text-failed">
          {fault}
          <Button size="sm" onClick={retry}>Try again</Button>
        </p>
      )}
      {!step && !fault && <Skeleton className="h-24 w-full" />}
      {step && (
        <>
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-sm">
            {step.unitSeq !== null && <Fact name="Unit"><bdi>{step.unitName}</bdi> <span className="font-mono text-ink-soft">{step.unitSeq}</span></Fact>}
            {(step.attempt > 1 || step.previousAttempt) && <Fact name="Attempt">{step.attempt}</Fact>}
            {parent >= 0 && (
              <Fact name="Inside">
                <button type="button" onClick={() => onSelect(parent)} className="text-accent hover:underline">
                  step {parent}
                </button>
              </Fact>
            )}
            <Fact name="Started"><FullTime date={new Date(step.startedAt)} /></Fact>
            {step.completedAt && <Fact name="Ended"><FullTime date={new Date(step.completedAt)} /></Fact>}
          </dl>
          {shown === "lost" && !step.error && <p className="text-sm text-failed">This step never ended: its worker stopped in the middle of it.</p>}
          {step.error && <ErrorDetail errorClass={step.errorClass} message={step.error} isQuiet={step.status === "skip"} />}
          <StepCalls key={`calls ${seq}/${shown}`} runId={trace.runId} seq={seq} />
          <StepIo key={`${seq}/${shown}`} step={step} />
        </>
      )}
    </SidePanel>
  );
}

const Fact = ({ name, children }: { name: string; children: React.ReactNode }) => (
  <>
    <dt className="text-ink-soft">{name}</dt>
    <dd className="min-w-0 break-words">{children}</dd>
  </>
);

/** The step's details; asked for again when its status changes. */
function useStep(runId: number, seq: number, shown: string | null) {
  const [found, setFound] = useState<{ seq: number; step: Step | null; fault: string | null }>({ seq, step: null, fault: null });
  const [tries, setTries] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the status and the tries say when to read, not what
  useEffect(() => {
    let left = false;
    void readData<Step>(`/api/v1/runs/${runId}/steps/${seq}`).then((answer) => {
      if (!left) setFound(answer.ok ? { seq, step: answer.data, fault: null } : { seq, step: null, fault: answer.message });
    });
    return () => {
      left = true;
    };
  }, [runId, seq, shown, tries]);

  const isCurrent = found.seq === seq;
  return { step: isCurrent ? found.step : null, fault: isCurrent ? found.fault : null, retry: () => setTries(tries + 1) };
}
