import Link from "next/link";
import { Time } from "#components/layout/clock";
import { buttonClass } from "#components/ui/button";
import { formatTime } from "#lib/format/time";
import type { SlotRow } from "#lib/schedules/queries";
import { OutcomeMark } from "../../_components/outcome-mark";

type HistoryProps = { scheduleId: number; zone: string; slots: { rows: SlotRow[]; next: Date | null }; isFirst: boolean };

/** What became of each slot, newest first, with its run. */
export function SlotHistory({ scheduleId, zone, slots: { rows, next }, isFirst }: HistoryProps) {
  if (rows.length === 0) {
    return <p className="px-4 pb-6 text-ink-soft sm:px-6">{isFirst ? "None has come yet. What becomes of each will stand here." : "There are none older than that."}</p>;
  }
  return (
    <>
      <ul aria-label="Slots" className="border-t text-sm">
        {rows.map((slot) => (
          <li key={slot.slot.getTime()} className="flex flex-wrap items-center gap-x-4 gap-y-0.5 border-b px-4 py-1.5 last:border-b-0 sm:px-6">
            <span className="w-52 whitespace-nowrap">{formatTime(slot.slot, { zone })}</span>
            <span className="sm:w-48">
              <OutcomeMark slot={slot} />
            </span>
            {(slot.askedBy || slot.reason) && (
              <span className="min-w-0 flex-1 basis-60 break-words text-ink-soft">{slot.askedBy ? `Run now by ${slot.askedBy}` : slot.reason}</span>
            )}
            <Time date={slot.slot} className="ml-auto text-ink-soft" />
          </li>
        ))}
      </ul>
      {(next || !isFirst) && (
        <p className="flex gap-2 px-4 pt-2 pb-5 sm:px-6">
          {!isFirst && <Link href={`/schedules/${scheduleId}`} className={buttonClass("plain", "sm")}>Newest</Link>}
          {next && <Link href={`/schedules/${scheduleId}?before=${encodeURIComponent(next.toISOString())}`} className={buttonClass("plain", "sm")}>Older</Link>}
        </p>
      )}
    </>
  );
}
