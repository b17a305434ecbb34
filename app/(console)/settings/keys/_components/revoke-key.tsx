"use client";
import { useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { revokeKeyAction } from "../actions";

/** Ends a key after saying what that means. */
export function RevokeKey({ id, name }: { id: string; name: string }) {
  const [open, setOpen] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();

  function revoke() {
    startTransition(async () => {
      const result = await revokeKeyAction({ id });
      if (result.ok) setOpen(false);
      else setSaid(result.error.message);
    });
  }

  return (
    <>
      <Button size="sm" aria-label={`Revoke ${name}`} onClick={() => { setSaid(null); setOpen(true); }}>Revoke</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Revoke “${name}”?`}
        description="Programs that use it are refused from now on, and so are those with keys that were made with it. It cannot be brought back; what it has started goes on."
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Keep it</Button>
            <Button look="danger" disabled={isPending} onClick={revoke}>Revoke the key</Button>
          </>
        }
      >
        {said && <p role="alert" className="text-failed">{said}</p>}
      </Dialog>
    </>
  );
}
