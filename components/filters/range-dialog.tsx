"use client";
import { useState } from "react";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { Field, Input } from "#components/ui/field";

/** Two instants, of which one may be left out. */
export function RangeDialog({ open, onOpenChange, what, onRange }: { open: boolean; what: string; onOpenChange: (open: boolean) => void; onRange: (range: { start_time?: string; end_time?: string }) => void }) {
  const [fault, setFault] = useState<string>();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

  function submit(form: FormData) {
    const read = (name: string) => {
      const text = String(form.get(name) ?? "");
      return text ? new Date(text).toISOString() : undefined;
    };
    const [from, until] = [read("from"), read("until")];
    if (!from && !until) return setFault("Fill in one of the two, or both.");
    if (from && until && from > until) return setFault("It begins after it ends.");
    setFault(undefined);
    onOpenChange(false);
    onRange({ ...(from && { start_time: from }), ...(until && { end_time: until }) });
  }

  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Time range" description={`When ${what}, in your zone: ${zone}.`}>
      <form action={submit} className="grid gap-3 sm:grid-cols-2">
        <Field id="range-from" label="From" fault={fault}>
          <Input id="range-from" name="from" type="datetime-local" step={1} aria-describedby="range-from-hint" aria-invalid={fault ? true : undefined} />
        </Field>
        <Field id="range-until" label="Until, not included">
          <Input id="range-until" name="until" type="datetime-local" step={1} aria-describedby="range-until-hint" />
        </Field>
        <div className="flex justify-end gap-2 sm:col-span-2">
          <Button onClick={() => onOpenChange(false)}>Close</Button>
          <Button type="submit" look="primary">Show this range</Button>
        </div>
      </form>
    </Dialog>
  );
}
