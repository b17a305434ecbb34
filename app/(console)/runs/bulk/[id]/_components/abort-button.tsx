"use client";
import { Square } from "lucide-react";
import { useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import type { AbortBulkResult } from "#lib/bulk/mutations";
import { formatCount } from "#lib/format/number";
import type { ActionResult } from "#lib/web/action";

type Props = { id: number; verb: string; done: string; left: number; abort: (input: { id: number }) => Promise<ActionResult<AbortBulkResult>> };

/** Aborts after saying what that means. */
export function AbortButton({ id, verb, done, left, abort }: Props) {
  const [open, setOpen] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();

  function confirm() {
    startTransition(async () => {
      const result = await abort({ id });
      if (!result.ok) setSaid(result.error.message);
      else if (!result.value.ok) setSaid(`Too late: it has already ended as ${result.value.status}.`);
      else setOpen(false);
    });
  }
  return (
    <>
      <Button onClick={() => (setSaid(null), setOpen(true))}>
        <Square aria-hidden className="size-3.5" /> Abort
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Abort bulk action ${id}?`}
        description={
          <ul className="list-disc space-y-1 pl-5">
            <li>The {formatCount(left)} {left === 1 ? "run that is" : "runs that are"} left will not be {done}.</li>
            <li>Runs that were {done} already stay so.</li>
            <li>It cannot be resumed; choose “Act on all matching” again for the rest.</li>
          </ul>
        }
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Let it go on</Button>
            <Button look="danger" disabled={isPending} onClick={confirm}>Abort “{verb.toLowerCase()}”</Button>
          </>
        }
      >
        {said && <p role="alert" className="text-failed">{said}</p>}
      </Dialog>
    </>
  );
}
