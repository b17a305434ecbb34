import { IfMay } from "#components/access";
import { Time } from "#components/layout/clock";
import { PageHeader } from "#components/layout/page-header";
import { MISFIRE_WORDS, OVERLAP_WORDS } from "#lib/schedules/fields";
import type { ScheduleRow } from "#lib/schedules/queries";
import { HealthMark } from "../../_components/health-mark";
import { ScheduleActions } from "../../_components/schedule-actions";
import { Target } from "../../_components/schedule-list";
import { SlotTimes } from "../../_components/slot-times";

/** What a schedule starts and when, what is next, and what can be done with it. */
export function ScheduleHeader({ schedule }: { schedule: ScheduleRow }) {
  return (
    <>
      <PageHeader title={schedule.name} actions={<IfMay permission="schedules.change"><ScheduleActions schedule={schedule} withEdit={false} /></IfMay>}>
        <p>
          <Target pipeline={schedule.pipeline} stage={schedule.stage} /> · {schedule.cronInWords ?? schedule.cron} in {schedule.zone}
        </p>
        <HealthMark health={schedule.health} />
      </PageHeader>
      <dl className="grid gap-x-8 gap-y-3 border-t px-4 py-4 text-sm sm:grid-cols-2 sm:px-6 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)_minmax(0,1fr)] lg:grid-rows-[auto_1fr]">
        <div className="max-lg:col-span-full lg:row-span-2">
          <dt className="text-ink-soft">{schedule.paused ? "Would come next" : "Next"}</dt>
          <dd className="mt-0.5">
            <SlotTimes slots={schedule.slotsAhead} zone={schedule.zone} />
          </dd>
        </div>
        <div>
          <dt className="text-ink-soft">Slots missed while no worker ran</dt>
          <dd>{MISFIRE_WORDS[schedule.misfire].label}</dd>
        </div>
        <div>
          <dt className="text-ink-soft">Made</dt>
          <dd>
            <Time date={schedule.createdAt} /> by {schedule.createdBy}
          </dd>
        </div>
        <div>
          <dt className="text-ink-soft">When the stage is still busy</dt>
          <dd>{OVERLAP_WORDS[schedule.overlap].label}</dd>
        </div>
        {schedule.version > 1 && (
          <div>
            <dt className="text-ink-soft">Changed last</dt>
            <dd>
              <Time date={schedule.updatedAt} /> by {schedule.updatedBy}
            </dd>
          </div>
        )}
      </dl>
    </>
  );
}
