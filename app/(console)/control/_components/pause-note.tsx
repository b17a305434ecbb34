import { CirclePause } from "lucide-react";
import { Time } from "#components/layout/clock";
import type { ControlPause } from "#lib/stages/queries";

/** That a stage or a pipeline is paused, by whom, since when and why. */
export function PauseNote({ pause, what }: { pause: ControlPause | null; what: string }) {
  if (!pause) return null;
  return (
    <p className="mt-1.5 flex items-start gap-1.5 text-sm font-medium text-partial">
      <CirclePause aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span className="min-w-0 [overflow-wrap:anywhere]">
        {what} paused by {pause.by}, <Time date={pause.at} />
        {pause.reason !== null && `: ${pause.reason}`}
      </span>
    </p>
  );
}
