import { classNames } from "#components/ui/class-names";
import type { StepStatus, UnitStatus } from "#lib/db/generated/enums";
import type { RunStatus } from "#lib/runs/rules";

/** The mark alone, for beside its word. Decorative: the word must stand somewhere near. Drawings and colours are in app/status-marks.css. */
export function StatusIcon({ status, className }: { status: RunStatus; className?: string }) {
  return <span aria-hidden data-status={status} className={classNames("status-icon", className)} />;
}

/** Mark, word, colour: how a status is shown everywhere. `word` stands in where a program's word differs (ok, error). */
export function StatusMark({ status, word = status, className }: { status: RunStatus | UnitStatus; word?: string; className?: string }) {
  return (
    <span data-status={status} className={className ? `status-mark ${className}` : "status-mark"}>
      {word}
    </span>
  );
}

const STEP_AS: Record<StepStatus, RunStatus> = { ok: "completed", skip: "skipped", error: "failed" };

/** A step is written as an error when it begins: while its run goes on and it has no end, it is running. */
export function StepMark({ status, ongoing }: { status: StepStatus; ongoing: boolean }) {
  return ongoing ? <StatusMark status="running" /> : <StatusMark status={STEP_AS[status]} word={status} />;
}
