"use client";
import { useState } from "react";
import { Button } from "#components/ui/button";
import type { ScheduleRow } from "#lib/schedules/queries";
import { ScheduleForm, type Startable } from "../../_components/schedule-form";

/** The form of a schedule that is there. It follows what others change until it is touched; from then on it keeps what was seen. */
export function ChangeForm({ schedule, startables }: { schedule: ScheduleRow; startables: Startable[] }) {
  const [held, setHeld] = useState<ScheduleRow | null>(null);
  const shown = held ?? schedule;
  return (
    <>
      {shown.version !== schedule.version && (
        <p role="status" className="flex flex-wrap items-center gap-3 px-4 pb-3 font-medium text-partial sm:px-6">
          {schedule.updatedBy} has changed it meanwhile.
          <Button size="sm" onClick={() => setHeld(null)}>Show what it is now</Button>
        </p>
      )}
      <ScheduleForm key={shown.version} schedule={shown} startables={startables} onTouch={() => setHeld((before) => before ?? schedule)} onSaved={() => setHeld(null)} />
    </>
  );
}
