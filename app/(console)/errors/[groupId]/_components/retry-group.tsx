"use client";
import { RotateCw } from "lucide-react";
import Link from "next/link";
import { useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import type { RetryErrorGroupResult } from "#lib/engine/retry-group";
import { retryErrorGroupAction } from "../../actions";

/** Retries the runs of a group that nobody has put right: says how many, and then what became of each. */
export function RetryGroup({ groupId, waiting, hasMore }: { groupId: number; waiting: number; hasMore: boolean }) {
  const [open, setOpen] = useState(false);
  const [onlyFailed, setOnlyFailed] = useState(true);
  const [said, setSaid] = useState<string | null>(null);
  const [done, setDone] = useState<RetryErrorGroupResult | null>(null);
  const [isPending, startTransition] = useTransition();
  const runs = `${waiting} ${waiting === 1 ? "run" : "runs"}`;

  function retry() {
    startTransition(async () => {
      const result = await retryErrorGroupAction({ groupId, onlyFailed });
      if (result.ok) setDone(result.value);
      else setSaid(result.error.message);
    });
  }

  return (
    <>
      <Button disabled={waiting === 0} title={waiting === 0 ? "Every run that failed with it has been retried since, or deleted" : undefined} onClick={() => { setSaid(null); setDone(null); setOpen(true); }}>
        <RotateCw aria-hidden className="size-3.5" /> {waiting === 0 ? "Nothing to retry" : `Retry ${runs}`}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={done ? "What became of them" : `Retry ${runs} that failed with this error?`}
        description={
          done ? undefined : (
            <ul className="list-disc space-y-1 pl-5">
              <li>Each is a new run; the old ones stay as they are. Only runs that no later run stands for are retried.</li>
              <li>A stage takes one run at a time: of several runs of one stage the newest begins, the others are refused and can be retried later.</li>
              {hasMore && <li>More runs wait than one go takes on: these are the newest.</li>}
            </ul>
          )
        }
        footer={
          done ? (
            <Button look="primary" onClick={() => setOpen(false)}>Close the list</Button>
          ) : (
            <>
              <Button onClick={() => setOpen(false)}>Close</Button>
              <Button look="primary" disabled={isPending} onClick={retry}>Retry the runs</Button>
            </>
          )
        }
      >
        {done ? (
          <ul className="divide-y divide-line text-sm">
            {done.results.length === 0 && <li className="py-1">None of them waits for a retry any more.</li>}
            {done.results.map(({ runId, retriedAs, refusal }) => (
              <li key={runId} className="py-1 break-words">
                <span className="font-mono">#{runId}</span>{" "}
                {retriedAs === null ? (
                  <span className="text-failed">not retried: {refusal}</span>
                ) : (
                  <>
                    is retried as <Link href={`/runs/${retriedAs}`} className="font-mono text-accent underline">#{retriedAs}</Link>
                  </>
                )}
              </li>
            ))}
          </ul>
        ) : (
          <label className="flex min-h-8 items-center gap-2">
            <input type="checkbox" checked={onlyFailed} onChange={(event) => setOnlyFailed(event.target.checked)} className="size-4 accent-accent" /> Only the units that did not succeed
          </label>
        )}
        {said && <p role="alert" className="mt-2 text-failed">{said}</p>}
      </Dialog>
    </>
  );
}
