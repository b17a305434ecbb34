"use client";
import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { Time } from "#components/layout/clock";
import { StepMark } from "#components/runs/status-mark";
import { formatDuration } from "#lib/format/duration";
import type { StepRow } from "#lib/trace/queries";
import { StepIo } from "./step-io";

/** How many levels of nesting are drawn; deeper ones stand at the last. */
const DEPTH_MAX = 6;

/** Steps in the order they began, nested ones set in. Opening one asks for what it was given and what it gave. */
export function StepList({ runId, steps, isRunning }: { runId: number; steps: StepRow[]; isRunning: boolean }) {
  const depths = depthsOf(steps);
  return (
    <ol className="border-t text-sm">
      {steps.map((step) => (
        <li key={step.seq} className="border-b last:border-b-0">
          <Step runId={runId} step={step} depth={depths.get(step.seq) ?? 0} ongoing={isRunning && step.completedAt === null} />
        </li>
      ))}
    </ol>
  );
}

function Step({ runId, step, depth, ongoing }: { runId: number; step: StepRow; depth: number; ongoing: boolean }) {
  const [open, setOpen] = useState(false);
  const lost = !ongoing && step.completedAt === null;
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)} className="group">
      <summary className="flex min-h-8 list-none items-start gap-2 px-4 py-1.5 hover:bg-hover focus-visible:-outline-offset-2 sm:px-6 [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-soft transition-transform group-open:rotate-90" />
        <span className="w-9 shrink-0 text-right font-mono text-ink-soft">{step.seq}</span>
        <span className="w-20 shrink-0">
          <StepMark status={step.status} ongoing={ongoing} />
        </span>
        <span className="min-w-0 flex-1" style={{ paddingLeft: depth * 16 }}>
          <span className="font-medium break-words">{step.stepName}</span>
          {step.unitSeq !== null && <span className="ml-2 text-ink-soft max-sm:hidden">unit {step.unitSeq}</span>}
          {step.attempt > 1 && <span className="ml-2 text-ink-soft">attempt {step.attempt}</span>}
          {step.error && !open && <span className={step.status === "skip" ? "block truncate text-ink-soft" : "block truncate text-failed"}>{step.error}</span>}
        </span>
        <span className="shrink-0 text-right text-ink-soft max-md:hidden">
          <Time date={step.startedAt} />
        </span>
        <span className="w-16 shrink-0 text-right">{ongoing || lost ? "–" : formatDuration(step.durationMs)}</span>
      </summary>
      {open && (
        <div className="flex flex-col gap-3 px-4 pt-1 pb-4 sm:pr-6 sm:pl-20">
          {step.error && (
            <p className={step.status === "skip" ? "break-words whitespace-pre-wrap" : "break-words whitespace-pre-wrap text-failed"}>
              {step.errorClass && <span className="font-mono">{step.errorClass}: </span>}
              {step.error}
            </p>
          )}
          {lost && !step.error && <p className="text-failed">This step never ended: its worker stopped in the middle of it.</p>}
          <StepIo runId={runId} seq={step.seq} />
        </div>
      )}
    </details>
  );
}

function depthsOf(steps: StepRow[]): Map<number, number> {
  const depths = new Map<number, number>();
  for (const { seq, parentSeq } of steps) depths.set(seq, parentSeq === null ? 0 : Math.min(DEPTH_MAX, (depths.get(parentSeq) ?? -1) + 1));
  return depths;
}
