import Link from "next/link";
import { Time } from "#components/layout/clock";
import { StatusIcon } from "#components/runs/status-mark";
import type { SlotRow } from "#lib/schedules/queries";
import { OutcomeMark, outcomeOf } from "./outcome-mark";

/** The last slot in words, and those before it as marks, the oldest first. */
export function LatestSlots({ latest }: { latest: SlotRow[] }) {
  const [last] = latest;
  if (!last) return <p className="text-ink-soft">Has not fired yet.</p>;
  return (
    <div className="text-sm">
      <p className="flex min-h-6 flex-wrap items-center gap-x-2">
        <OutcomeMark slot={last} />
        <Time date={last.slot} className="text-ink-soft" />
      </p>
      {latest.length > 1 && <ul aria-label="Last slots, the oldest first" className="flex gap-1">
        {latest.toReversed().map((slot) => {
          const { status, word } = outcomeOf(slot);
          const label = `${word}, ${slot.slot.toISOString().slice(0, 16).replace("T", " ")} UTC${slot.reason ? `: ${slot.reason}` : ""}`;
          return (
            <li key={slot.slot.getTime()}>
              {slot.runId === null ? (
                <span role="img" aria-label={label} title={label} className="inline-flex size-6 items-center justify-center">
                  <StatusIcon status={status} />
                </span>
              ) : (
                <Link href={`/runs/${slot.runId}`} aria-label={`Run #${slot.runId}: ${label}`} title={label} className="inline-flex size-6 items-center justify-center rounded-sm hover:bg-hover">
                  <StatusIcon status={status} />
                </Link>
              )}
            </li>
          );
        })}
      </ul>}
    </div>
  );
}
