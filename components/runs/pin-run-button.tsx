"use client";
import { Pin, PinOff } from "lucide-react";
import { useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import type { PinRunResult } from "#lib/retention/mutations";
import type { ActionResult } from "#lib/web/action";

export type PinRunAction = (input: { runId: number; pinned: boolean }) => Promise<ActionResult<PinRunResult>>;

/** Keeps a run for good, or lets retention have it again. Nothing is lost by either, so it does not ask. */
export function PinRunButton({ run, pinRun }: { run: { id: number; isPinned: boolean }; pinRun: PinRunAction }) {
  const [said, setSaid] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();
  const Icon = run.isPinned ? PinOff : Pin;

  function toggle() {
    setSaid(null);
    startTransition(async () => {
      const result = await pinRun({ runId: run.id, pinned: !run.isPinned });
      if (!result.ok) setSaid(result.error.message);
    });
  }

  return (
    <>
      <Button disabled={isPending} onClick={toggle} title={run.isPinned ? "Retention may remove it again when its time has come." : "Retention leaves a pinned run alone, with its payloads."}>
        <Icon aria-hidden className="size-3.5" />
        {run.isPinned ? "Unpin run" : "Pin run"}
      </Button>
      {said && (
        <p role="alert" className="text-failed">
          {said}
        </p>
      )}
    </>
  );
}
