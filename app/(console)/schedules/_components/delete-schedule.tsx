"use client";
import { usePathname, useRouter } from "next/navigation";
import { type ReactNode, useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import type { ScheduleRow } from "#lib/schedules/queries";
import { deleteScheduleAction } from "../actions";

/** Deletes a schedule after saying what that means, and goes back to the list. */
export function DeleteSchedule({ schedule, children }: { schedule: Pick<ScheduleRow, "id" | "name" | "paused">; children: ReactNode }) {
  const router = useRouter();
  const pathname = usePathname();
  const [open, setOpen] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();

  function remove() {
    startTransition(async () => {
      const result = await deleteScheduleAction({ id: schedule.id });
      if (!result.ok) setSaid(result.error.message);
      else {
        setOpen(false);
        if (pathname !== "/schedules") router.push("/schedules");
      }
    });
  }

  return (
    <>
      <Button size="sm" aria-label={`Delete ${schedule.name}`} onClick={() => { setSaid(null); setOpen(true); }}>
        {children}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Delete “${schedule.name}”?`}
        description={
          <ul className="list-disc space-y-1 pl-5">
            <li>The clock starts nothing for it any more; what waits for its stage is left out.</li>
            <li>Its runs stay. The list of its slots goes, and cannot be brought back.</li>
            {!schedule.paused && <li>To keep it for later, pause it instead.</li>}
          </ul>
        }
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Keep it</Button>
            <Button look="danger" disabled={isPending} onClick={remove}>Delete the schedule</Button>
          </>
        }
      >
        {said && <p role="alert" className="text-failed">{said}</p>}
      </Dialog>
    </>
  );
}
