"use client";
import { useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { formatBytes, formatCount } from "#lib/format/number";
import type { PrunePlan } from "#lib/retention/queries";
import { sayPruned } from "#lib/retention/rules";
import { planPruneNowAction, pruneNowAction } from "../../actions";

/** Counts first what would go, then asks, then removes it. */
export function PruneNow() {
  const [plan, setPlan] = useState<PrunePlan | null>(null);
  const [open, setOpen] = useState(false);
  const [said, setSaid] = useState("");
  const [fault, setFault] = useState("");
  const [isPending, startTransition] = useTransition();

  const count = () =>
    startTransition(async () => {
      const result = await planPruneNowAction({});
      setFault(result.ok ? "" : result.error.message);
      setSaid("");
      if (result.ok) setPlan(result.value);
      setOpen(result.ok);
    });
  const prune = () =>
    startTransition(async () => {
      const result = await pruneNowAction({});
      setFault(result.ok ? "" : result.error.message);
      if (!result.ok) return;
      const { counts, entries, isAll } = result.value;
      const told = [counts.runs + counts.stripped > 0 && sayPruned(counts), entries > 0 && `${formatCount(entries)} entries of the audit log`].filter(Boolean).join(" and ");
      setSaid(`${told ? `Removed ${told}.` : "Nothing is old enough to be removed."}${isAll ? "" : " There is more: it goes at night, or prune again."}`);
      setOpen(false);
    });

  return (
    <>
      <Button disabled={isPending} onClick={count}>Prune now …</Button>
      <p role="status" className="text-sm text-ink-soft">{isPending && !open ? "Counting what would go …" : said}</p>
      {fault && !open && <p role="alert" className="text-sm font-medium text-failed">{fault}</p>}
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Remove what is old enough?"
        description="By the days above, as a worker would at night. What is removed cannot be brought back."
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Keep it</Button>
            <Button look="danger" disabled={isPending} onClick={prune}>Prune now</Button>
          </>
        }
      >
        {plan && (
          <ul className="list-disc pl-5">
            <li>Runs to delete: {formatCount(plan.delete.runs)}{plan.delete.runs > 0 && `, about ${formatBytes(plan.delete.estimatedBytes)}`}</li>
            <li>Runs to lose their payloads: {formatCount(plan.strip.runs)}{plan.strip.runs > 0 && `, about ${formatBytes(plan.strip.estimatedBytes)}`}</li>
            {plan.pinnedKept > 0 && <li>Pinned and kept whole: {formatCount(plan.pinnedKept)}</li>}
          </ul>
        )}
        {fault && <p role="alert" className="mt-2 text-failed">{fault}</p>}
      </Dialog>
    </>
  );
}
