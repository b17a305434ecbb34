import Link from "next/link";
import { StatusMark } from "#components/runs/status-mark";
import type { RunStatus } from "#lib/runs/rules";
import type { SlotOutcome } from "#lib/schedules/fields";
import type { SlotRow } from "#lib/schedules/queries";

const AS: Record<SlotOutcome, { status: RunStatus; word: string }> = {
  waiting: { status: "pending", word: "waits" },
  // Its run is gone.
  started: { status: "completed", word: "started" },
  skipped: { status: "skipped", word: "left out" },
  refused: { status: "failed", word: "refused" },
};

/** How a slot is marked: as its run is, or by what became of it without one. */
export const outcomeOf = ({ outcome, status }: Pick<SlotRow, "outcome" | "status">): { status: RunStatus; word: string } => (status ? { status, word: status } : AS[outcome]);

/** The mark of a slot, with the way to its run. */
export function OutcomeMark({ slot }: { slot: SlotRow }) {
  const { status, word } = outcomeOf(slot);
  if (slot.runId === null) return <StatusMark status={status} word={word} />;
  return (
    <Link href={`/runs/${slot.runId}`} className="inline-flex min-h-6 items-center gap-2 hover:underline">
      <span className="font-mono text-accent">#{slot.runId}</span>
      <StatusMark status={status} word={word} />
    </Link>
  );
}
