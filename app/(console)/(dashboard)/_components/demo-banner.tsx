"use client";
import { FlaskConical } from "lucide-react";
import { useState, useTransition } from "react";
import { IfMay } from "#components/access";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import type { DemoFound } from "#lib/demo/queries";
import { formatCount } from "#lib/format/number";
import type { ActionResult } from "#lib/web/action";

/** Says that what one sees is made up, and takes it away after asking. */
export function DemoBanner({ demo, removeDemo }: { demo: DemoFound; removeDemo: (input: Record<string, never>) => Promise<ActionResult<{ removed: number }>> }) {
  const [open, setOpen] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();
  const runs = formatCount(demo.runs);

  function remove() {
    setFault(null);
    startTransition(async () => {
      const result = await removeDemo({});
      if (result.ok) setOpen(false);
      else setFault(result.error.message);
    });
  }

  return (
    <section aria-label="Demo data" className="mx-4 mb-4 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md bg-accent-wash px-3 py-1.5 text-sm sm:mx-6">
      <FlaskConical aria-hidden className="size-4 shrink-0 text-accent" />
      <p className="min-w-0 flex-1">Demo data: {runs} runs.</p>
      <IfMay permission="demo.change">
        <Button look="quiet" size="sm" aria-label="Remove demo data" onClick={() => { setFault(null); setOpen(true); }}>
          Remove
        </Button>
      </IfMay>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Remove the demo data?"
        description={
          <ul className="list-disc space-y-1 pl-5">
            <li>{runs} demo runs go, with their steps, AI calls, logs and annotations, also those that people added.</li>
            <li>Real runs stay, and so does everything that pipelines have produced.</li>
            <li>Demo data can be made again with ./penstock demo.</li>
          </ul>
        }
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Keep it</Button>
            <Button look="danger" disabled={isPending} onClick={remove}>
              {isPending ? "Removing" : `Remove ${runs} demo runs`}
            </Button>
          </>
        }
      >
        {fault && (
          <p role="alert" className="text-failed">
            {fault}
          </p>
        )}
      </Dialog>
    </section>
  );
}
