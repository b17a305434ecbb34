"use client";
import { Trash2 } from "lucide-react";
import { useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import type { CauseRule } from "#lib/causes/rules";
import { deleteCauseRuleAction } from "../../actions";

export function RemoveCause({ rule }: { rule: Pick<CauseRule, "id" | "title"> }) {
  const [open, setOpen] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();

  function remove() {
    startTransition(async () => {
      const result = await deleteCauseRuleAction({ id: rule.id });
      if (!result.ok) setSaid(result.error.message);
      else setOpen(false);
    });
  }

  return (
    <>
      <Button size="sm" aria-label={`Remove ${rule.title}`} onClick={() => { setSaid(null); setOpen(true); }}>
        <Trash2 aria-hidden className="size-3.5" /> Remove
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Remove “${rule.title}”?`}
        description="Errors that it fits are no longer told this cause. It cannot be brought back; to keep it for later, edit it and switch it off."
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Keep it</Button>
            <Button look="danger" disabled={isPending} onClick={remove}>Remove the cause</Button>
          </>
        }
      >
        {said && <p role="alert" className="text-failed">{said}</p>}
      </Dialog>
    </>
  );
}
