"use client";
import { useRouter } from "next/navigation";
import { runsHref } from "#components/runs/runs-href";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { Field, Input } from "#components/ui/field";
import { RUN_FIELDS, type RunsView } from "#lib/runs/fields";
import { type RunsFilter, startingAt } from "#lib/runs/address";

/** Asks for the instant that the list is to begin at. */
export function JumpDialog({ open, onOpenChange, filter, view }: { open: boolean; onOpenChange: (open: boolean) => void; filter: RunsFilter; view: RunsView }) {
  const router = useRouter();
  const word = RUN_FIELDS[filter.sort as "started" | "completed" | "created"].label.toLowerCase();

  function submit(form: FormData) {
    const at = new Date(String(form.get("at") ?? ""));
    if (Number.isNaN(at.getTime())) return;
    onOpenChange(false);
    router.push(runsHref(startingAt({ ...filter, cursor: null }, at), view), { scroll: false });
  }

  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Jump to a time" description={`The list begins with the first run ${word} ${filter.dir === "desc" ? "before" : "after"} it, in your zone: ${Intl.DateTimeFormat().resolvedOptions().timeZone}.`}>
      <form action={submit} className="grid gap-3">
        <Field id="jump-at" label="Time">
          <Input id="jump-at" name="at" type="datetime-local" step={1} required aria-describedby="jump-at-hint" />
        </Field>
        <div className="flex justify-end gap-2">
          <Button onClick={() => onOpenChange(false)}>Close</Button>
          <Button type="submit" look="primary">Jump</Button>
        </div>
      </form>
    </Dialog>
  );
}
