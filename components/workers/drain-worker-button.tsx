"use client";
import { LogOut } from "lucide-react";
import { useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import type { ActionResult } from "#lib/web/action";
import type { DrainWorkerResult } from "#lib/workers/mutations";

export type DrainWorkerAction = (input: { workerId: number }) => Promise<ActionResult<DrainWorkerResult>>;

/** Drains a worker after saying what that means. `asked` is true once somebody has. */
export function DrainWorkerButton({ worker, asked, drainWorker }: { worker: { id: number; holds: number }; asked: boolean; drainWorker: DrainWorkerAction }) {
  const [open, setOpen] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();

  function drain() {
    startTransition(async () => {
      const result = await drainWorker({ workerId: worker.id });
      if (!result.ok) setSaid(result.error.message);
      else if (!result.value.ok) setSaid("Too late: the worker has stopped already.");
      else setOpen(false);
    });
  }

  return (
    <>
      <Button size="sm" disabled={asked} onClick={() => { setSaid(null); setOpen(true); }}>
        <LogOut aria-hidden className="size-3.5" />
        {asked ? "Draining" : "Drain worker"}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Drain worker ${worker.id}?`}
        description={
          <ul className="list-disc space-y-1 pl-5">
            <li>It takes nothing new from now on.</li>
            <li>{worker.holds === 0 ? "It holds nothing, and stops within seconds." : `It finishes the ${worker.holds === 1 ? "unit" : `${worker.holds} units`} that it holds, however long that takes, and stops.`}</li>
            <li>It is not started again by itself, and draining cannot be taken back. Where it is the only worker, runs wait.</li>
          </ul>
        }
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Keep it working</Button>
            <Button look="danger" disabled={isPending} onClick={drain}>
              Drain worker {worker.id}
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
