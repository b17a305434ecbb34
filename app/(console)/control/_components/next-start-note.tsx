import { CalendarClock } from "lucide-react";
import Link from "next/link";
import { Time } from "#components/layout/clock";
import type { NextStart } from "#lib/schedules/queries";

/** When the clock starts it next, and by which schedule; nothing when none does. */
export function NextStartNote({ next }: { next: NextStart | null }) {
  if (!next) return null;
  return (
    <p className="mt-1 flex items-center gap-1.5 text-sm text-ink-soft">
      <CalendarClock aria-hidden className="size-4 shrink-0" />
      <span className="min-w-0 break-words">
        Next <Time date={next.at} /> by{" "}
        <Link href={`/schedules/${next.scheduleId}`} className="underline">
          {next.name}
        </Link>
      </span>
    </p>
  );
}
