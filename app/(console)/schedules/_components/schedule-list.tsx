import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { IfMay } from "#components/access";
import { Time } from "#components/layout/clock";
import type { ScheduleRow } from "#lib/schedules/queries";
import { HealthMark } from "./health-mark";
import { LatestSlots } from "./latest-slots";
import { ScheduleActions } from "./schedule-actions";
import { SlotTimes } from "./slot-times";

/** All schedules: what, when, how the last ones went, and what can be done. */
export function ScheduleList({ schedules }: { schedules: ScheduleRow[] }) {
  return (
    <ul aria-label="Schedules" className="border-t">
      {schedules.map((schedule) => (
        <li
          key={schedule.id}
          className="grid gap-x-6 gap-y-2 border-b px-4 py-3 sm:grid-cols-2 sm:px-6 xl:grid-cols-[minmax(0,5fr)_minmax(0,5fr)_minmax(0,6fr)_minmax(0,4fr)_21rem]"
        >
          <div className="min-w-0">
            <h2 className="text-base font-semibold break-words">
              <Link href={`/schedules/${schedule.id}`} className="hover:underline">{schedule.name}</Link>
            </h2>
            <p className="text-sm text-ink-soft">
              <Target pipeline={schedule.pipeline} stage={schedule.stage} />
            </p>
            <HealthMark health={schedule.health} />
          </div>
          <div className="min-w-0">
            {schedule.cronInWords && <p className="break-words">{schedule.cronInWords}</p>}
            <p className="text-sm break-words text-ink-soft">
              <code className="mr-1 font-mono text-ink">{schedule.cron}</code> in {schedule.zone}
            </p>
          </div>
          <div className="min-w-0">
            {schedule.nextSlot ? (
              <details className="group">
                <summary className="flex min-h-6 cursor-default list-none items-center gap-1 rounded-sm hover:bg-hover [&::-webkit-details-marker]:hidden">
                  <ChevronRight aria-hidden className="size-4 shrink-0 text-ink-soft transition-transform duration-100 group-open:rotate-90" />
                  <span>
                    Next <Time date={schedule.nextSlot} />
                  </span>
                </summary>
                <div className="pt-1 pl-5 text-sm">
                  <SlotTimes slots={schedule.slotsAhead} zone={schedule.zone} />
                </div>
              </details>
            ) : (
              <p className="text-ink-soft">Nothing while it is paused.</p>
            )}
          </div>
          <div className="min-w-0">
            <LatestSlots latest={schedule.latest} />
          </div>
          <IfMay permission="schedules.change"><ScheduleActions schedule={schedule} /></IfMay>
        </li>
      ))}
    </ul>
  );
}

/** What a schedule starts. */
export function Target({ pipeline, stage }: { pipeline: string; stage: string | null }) {
  return stage ? (
    <span className="font-mono break-all">
      {pipeline}/{stage}
    </span>
  ) : (
    <>
      All of <span className="font-mono">{pipeline}</span>
    </>
  );
}
