"use client";
import { Square } from "lucide-react";
import { useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import type { RunRow } from "#lib/runs/queries";
import type { RunStatus } from "#lib/runs/rules";
import type { ActionResult } from "#lib/web/action";

export type CancelRunAction = (input: { runId: number }) => Promise<ActionResult<{ ok: true; status: RunStatus } | { ok: false; status: RunStatus }>>;

/** Cancels a run after saying what that means. `asked` is true once somebody has. */
export function CancelRunButton({ run, asked, cancelRun, size = "md" }: {
  run: Pick<RunRow, "id" | "stage" | "status" | "groupId">;
  asked: boolean;
  cancelRun: CancelRunAction;
  size?: "md" | "sm";
}) {
  const [open, setOpen] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();

  function cancel() {
    startTransition(async () => {
      const result = await cancelRun({ runId: run.id });
      if (!result.ok) setSaid(result.error.message);
      else if (!result.value.ok) setSaid(`Too late: the run has already ended as ${result.value.status}.`);
      else setOpen(false);
    });
  }

  return (
    <>
      <Button size={size} disabled={asked} onClick={() => { setSaid(null); setOpen(true); }}>
        <Square aria-hidden className="size-3.5" />
        {asked ? "Stopping" : "Cancel run"}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Cancel run #${run.id} of ${run.stage}?`}
        description={
          <ul className="list-disc space-y-1 pl-5">
            <li>{run.status === "pending" ? "It has not begun: nothing of it will run." : "Units that wait never begin; units that run are told to stop and end within seconds."}</li>
            <li>What has been processed stays, and a later run goes on from there.</li>
            {run.groupId !== null && <li>Runs of the same group that need this one are skipped.</li>}
            <li>A cancelled run cannot be resumed.</li>
          </ul>
        }
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Keep it running</Button>
            <Button look="danger" disabled={isPending} onClick={cancel}>
              Cancel run #{run.id}
            </Button>
          </>
        }
      >
        {said && (
          <p role="alert" className="text-failed">
            {said}
          </p>
        )}
      </Dialog>
    </>
  );
}
