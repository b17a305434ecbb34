"use client";
import { useNow } from "#components/layout/clock";
import { SLOTS_AHEAD } from "#lib/schedules/fields";
import { CronText, cronInWords, nextSlots, ZoneName } from "#lib/schedules/rules";
import { SlotTimes } from "./slot-times";

/** What an expression means while it is being written: in words, and when it would come next. */
export function CronPreview({ cron, zone }: { cron: string; zone: string }) {
  const now = useNow();
  const expression = CronText.safeParse(cron);
  const place = ZoneName.safeParse(zone);
  return (
    <div aria-live="polite" className="rounded-md border bg-sunken p-3 text-sm">
      <h2 className="font-semibold">{expression.success ? (cronInWords(expression.data) ?? expression.data) : "No times yet"}</h2>
      <div className="mt-1">
        {!expression.success ? (
          <p className="text-failed">{expression.error.issues[0]?.message}</p>
        ) : !place.success ? (
          <p className="text-failed">The time zone {place.error.issues[0]?.message}</p>
        ) : (
          <SlotTimes slots={nextSlots(expression.data, place.data, new Date(now), SLOTS_AHEAD)} zone={place.data} />
        )}
      </div>
    </div>
  );
}
