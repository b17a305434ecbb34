"use client";
import { useNow, useZone } from "#components/layout/clock";
import { formatRelative, formatTime, formatWeekday } from "#lib/format/time";

/** Slots ahead in the schedule's zone, and in the reader's where that is another hour. */
export function SlotTimes({ slots, zone }: { slots: Date[]; zone: string }) {
  const here = useZone();
  const now = new Date(useNow());
  return (
    <ol className="space-y-1">
      {slots.map((slot) => {
        const there = formatTime(slot, { zone });
        const own = formatTime(slot, { zone: here });
        const relative = formatRelative(slot, now, { zone });
        return (
          <li key={slot.getTime()} className="flex flex-wrap items-baseline gap-x-3">
            <time dateTime={slot.toISOString()}>
              <span className="text-ink-soft">{formatWeekday(slot, zone)}</span> {there}
            </time>
            <span className="text-ink-soft">
              {relative !== there && relative}
              {relative !== there && own !== there && ", "}
              {own !== there && `here ${own}`}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
