import type { ReactNode } from "react";
import { classNames } from "#components/ui/class-names";
import type { StepStatus, UnitStatus } from "#lib/db/generated/enums";
import type { RunStatus } from "#lib/runs/rules";

/** The drawings: 16 × 16, one for each status, told apart without their colour. */
const MARKS: Record<RunStatus, ReactNode> = {
  pending: <circle cx="8" cy="8" r="5.5" />,
  running: (
    <>
      <circle cx="8" cy="8" r="5.5" className="opacity-30" />
      <path d="M8 2.5a5.5 5.5 0 0 1 5.5 5.5" />
    </>
  ),
  completed: <path d="m3 8.5 3.5 3.5L13 4.5" />,
  partial: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M8 2.5a5.5 5.5 0 0 0 0 11z" className="fill-current" />
    </>
  ),
  hold: <path d="M5.75 3.5v9M10.25 3.5v9" strokeWidth="2.5" />,
  skipped: <path d="M3.5 8h9" />,
  failed: <path d="m4 4 8 8M12 4l-8 8" />,
  cancelled: <rect x="3.5" y="3.5" width="9" height="9" rx="1" />,
};

export const STATUS_COLOURS: Record<RunStatus, string> = {
  pending: "text-pending",
  running: "text-running",
  completed: "text-completed",
  partial: "text-partial",
  hold: "text-hold",
  skipped: "text-skipped",
  failed: "text-failed",
  cancelled: "text-cancelled",
};

/** The mark alone, for beside its word. Decorative: the word must stand somewhere near. */
export function StatusIcon({ status, className }: { status: RunStatus; className?: string }) {
  return (
    <svg
      viewBox="0 0 16 16"
      aria-hidden
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      className={classNames("size-4 shrink-0", STATUS_COLOURS[status], status === "running" && "animate-turn", className)}
    >
      {MARKS[status]}
    </svg>
  );
}

/** Mark, word, colour: how a status is shown everywhere. `word` stands in where a program's word differs (ok, error). */
export function StatusMark({ status, word = status, className }: { status: RunStatus | UnitStatus; word?: string; className?: string }) {
  return (
    <span className={classNames("inline-flex items-center gap-1.5 align-top font-medium whitespace-nowrap", STATUS_COLOURS[status], className)}>
      <StatusIcon status={status} />
      <span className={classNames(status === "cancelled" && "line-through")}>{word}</span>
    </span>
  );
}

const STEP_AS: Record<StepStatus, RunStatus> = { ok: "completed", skip: "skipped", error: "failed" };

/** A step is written as an error when it begins: while its run goes on and it has no end, it is running. */
export function StepMark({ status, ongoing }: { status: StepStatus; ongoing: boolean }) {
  return ongoing ? <StatusMark status="running" /> : <StatusMark status={STEP_AS[status]} word={status} />;
}
