"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useId, useState, useTransition } from "react";
import { BulkSample } from "#components/runs/bulk-sample";
import { type Answer, readData } from "#components/layout/read-data";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { Field, Input } from "#components/ui/field";
import { BULK_KINDS, BULK_WORDS, type BulkKind, DEFAULT_RATE, MAX_RATE } from "#lib/bulk/fields";
import type { BulkPreview } from "#lib/bulk/queries";
import { describeNode } from "#lib/filters/edit";
import { nodesOf } from "#lib/filters/tree";
import type { FilterTree } from "#lib/filters/filter";
import { formatDuration } from "#lib/format/duration";
import { formatCount } from "#lib/format/number";
import type { ActionResult } from "#lib/web/action";

export type CreateBulkAction = (input: { kind: BulkKind; tree: FilterTree | null; rate: number; atMost: number }) => Promise<ActionResult<{ id: number }>>;

const CONSEQUENCES: Record<BulkKind, string[]> = {
  retry: ["Each makes a new run of the same stage with the same parameters; the old run stays as it is.", "A stage runs once at a time: retries of one stage wait for each other.", "A retry that has begun can be cancelled, not undone."],
  cancel: ["What waits never begins; what runs is told to stop and ends within seconds.", "Runs of the same group that need a cancelled one are skipped.", "A cancelled run cannot be resumed."],
};

/** How many match and which, how fast, and what follows: then it begins. */
export function BulkDialog({ open, onOpenChange, tree, start }: { open: boolean; onOpenChange: (open: boolean) => void; tree: FilterTree | null; start: CreateBulkAction }) {
  const router = useRouter();
  const id = useId();
  const [kind, setKind] = useState<BulkKind>("retry");
  const [rate, setRate] = useState(String(DEFAULT_RATE));
  const [looked, setLooked] = useState<Answer<BulkPreview> | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [looks, setLooks] = useState(0);
  const [isPending, startTransition] = useTransition();

  // The tree is a new one each time the page is drawn again; what it says is not.
  const filter = tree && JSON.stringify(tree);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a refusal makes it look again
  useEffect(() => {
    if (!open) return;
    const gone = new AbortController();
    setLooked(null);
    const body = JSON.stringify({ kind, all: true, ...(filter && { filter: JSON.parse(filter) }) });
    readData<BulkPreview>("/api/v1/bulk/preview", { method: "POST", body, headers: { "content-type": "application/json" }, signal: gone.signal }).then((answer) => {
      if (!gone.signal.aborted) setLooked(answer);
    });
    return () => gone.abort();
  }, [open, kind, filter, looks]);

  const preview = looked?.ok ? looked.data : null;
  const perSecond = /^\d+$/.test(rate) && Number(rate) >= 1 && Number(rate) <= MAX_RATE ? Number(rate) : null;
  const canStart = preview !== null && preview.count > 0 && preview.count <= preview.limit && perSecond !== null;

  function begin() {
    if (!preview || perSecond === null) return;
    setFault(null);
    startTransition(async () => {
      const result = await start({ kind, tree, rate: perSecond, atMost: preview.count });
      if (result.ok) return router.push(`/runs/bulk/${result.value.id}`);
      setFault(result.error.message);
      setLooks((n) => n + 1);
    });
  }
  /** What was refused is forgotten when the window closes. */
  function close(isOpen: boolean) {
    setFault(null);
    onOpenChange(isOpen);
  }
  const { verb } = BULK_WORDS[kind];
  return (
    <Dialog
      open={open}
      onOpenChange={close}
      title="Act on all matching runs"
      description={tree ? <>Runs with {nodesOf(tree).map(describeNode).map(({ label, text }) => `${label.toLowerCase()} ${text}`).join(", and ")}.</> : "There is no filter: this is about every run."}
      footer={
        <>
          <Button onClick={() => close(false)}>{kind === "cancel" ? "Keep them running" : "Close"}</Button>
          <Button look={kind === "cancel" ? "danger" : "primary"} disabled={!canStart || isPending} onClick={begin}>
            {preview && preview.count > 0 ? `${verb} ${formatCount(preview.count)} ${preview.count === 1 ? "run" : "runs"}` : `${verb} runs`}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <fieldset className="flex gap-5">
          <legend className="sr-only">What to do</legend>
          {BULK_KINDS.map((one) => (
            <label key={one} className="flex min-h-6 items-center gap-2 font-medium">
              <input type="radio" name={`${id}-kind`} checked={kind === one} onChange={() => setKind(one)} className="size-4 accent-(--accent)" />
              {BULK_WORDS[one].verb}
            </label>
          ))}
        </fieldset>
        <BulkSample looked={looked} kind={kind} />
        <div className="max-w-48">
          <Field id={`${id}-rate`} label="Runs per second" hint={perSecond && preview && preview.count > perSecond ? `About ${formatDuration((preview.count * 1_000) / perSecond)} in all` : `1 to ${MAX_RATE}`} fault={perSecond === null ? `A whole number, 1 to ${MAX_RATE}.` : undefined}>
            <Input id={`${id}-rate`} inputMode="numeric" value={rate} onChange={(event) => setRate(event.target.value)} aria-invalid={perSecond === null ? true : undefined} aria-describedby={`${id}-rate-hint`} />
          </Field>
        </div>
        <ul className="list-disc space-y-1 pl-5 text-sm text-ink-soft">
          {CONSEQUENCES[kind].map((line) => <li key={line}>{line}</li>)}
          <li>The set is fixed when it begins; it can be aborted, and what was done by then stays done.</li>
        </ul>
        <Link href="/runs/bulk" className="inline-flex min-h-6 items-center text-sm text-accent hover:underline">Earlier bulk actions</Link>
        {fault && <p role="alert" className="text-failed">{fault}</p>}
      </div>
    </Dialog>
  );
}
