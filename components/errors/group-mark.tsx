import { RotateCcw } from "lucide-react";
import { StatusMark } from "#components/runs/status-mark";
import { type ErrorGroupStatus, isRegression } from "#lib/error-groups/rules";
import type { RunStatus } from "#lib/runs/rules";

const AS_RUN: Record<ErrorGroupStatus, RunStatus> = { open: "failed", resolved: "completed", ignored: "skipped" };

type Marked = { status: ErrorGroupStatus; reopenedAt: Date | null; reopenedBy: string | null };

/** How a group stands, and that it came back after somebody had resolved it. */
export function GroupMark({ group, className }: { group: Marked; className?: string }) {
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2">
      <StatusMark status={AS_RUN[group.status]} word={group.status} className={className} />
      {isRegression(group) && (
        <span className="inline-flex items-center gap-1 text-xs font-medium whitespace-nowrap text-partial" title="It was resolved, and happened again since">
          <RotateCcw aria-hidden className="size-3" />
          came back
        </span>
      )}
    </span>
  );
}
