import { CircleCheck, CircleSlash, CircleX, Hourglass } from "lucide-react";
import { classNames } from "#components/ui/class-names";
import type { WorkerState } from "#lib/workers/rules";

const MARKS: Record<WorkerState, { icon: typeof CircleCheck; word: string; look: string }> = {
  alive: { icon: CircleCheck, word: "alive", look: "text-completed" },
  draining: { icon: Hourglass, word: "draining", look: "text-partial" },
  silent: { icon: CircleX, word: "silent", look: "text-failed" },
  stopped: { icon: CircleSlash, word: "stopped", look: "text-ink-soft" },
};

/** How a worker is: mark, word and colour. */
export function WorkerMark({ state }: { state: WorkerState }) {
  const { icon: Icon, word, look } = MARKS[state];
  return (
    <span className={classNames("inline-flex items-center gap-1.5 text-sm font-medium", look)}>
      <Icon aria-hidden className="size-4" />
      {word}
    </span>
  );
}
