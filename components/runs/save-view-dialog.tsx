"use client";
import { useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { Field, Input } from "#components/ui/field";
import type { SavedView } from "#lib/views/queries";
import type { ViewList } from "#lib/views/rules";
import type { ActionResult } from "#lib/web/action";

export type SaveView = (input: { list: ViewList; name: string; query: string; shared: boolean; isDefault: boolean }) => Promise<ActionResult<{ id: number }>>;

/** Gives the list that is shown now a name; `current` is the view that it is already. */
export function SaveViewDialog({ open, onOpenChange, list, page, current, query, save }: { open: boolean; list: ViewList; page: string; onOpenChange: (open: boolean) => void; current: SavedView | undefined; query: string; save: SaveView }) {
  const [fault, setFault] = useState<string>();
  const [isPending, startTransition] = useTransition();

  function submit(form: FormData) {
    startTransition(async () => {
      const result = await save({ list, name: String(form.get("name") ?? ""), query, shared: form.get("shared") !== null, isDefault: form.get("default") !== null });
      if (result.ok) onOpenChange(false);
      setFault(result.ok ? undefined : result.error.message);
    });
  }

  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Save this view" description="Its filter, order and columns, under a name. A name that you have used is replaced.">
      <form action={submit} className="grid gap-3">
        <Field id="view-name" label="Name" fault={fault}>
          <Input id="view-name" name="name" required maxLength={80} defaultValue={current?.isMine ? current.name : ""} aria-describedby="view-name-hint" aria-invalid={fault ? true : undefined} autoComplete="off" />
        </Field>
        <label className="flex items-center gap-2 text-sm"><input type="checkbox" name="shared" defaultChecked={current?.shared} className="size-4 accent-(--accent)" /> Others see it too</label>
        <label className="flex items-center gap-2 text-sm"><input type="checkbox" name="default" defaultChecked={current?.isDefault} className="size-4 accent-(--accent)" /> Show it when I open {page}</label>
        <div className="flex justify-end gap-2">
          <Button onClick={() => onOpenChange(false)}>Close</Button>
          <Button type="submit" look="primary" disabled={isPending}>{isPending ? "Saving" : "Save view"}</Button>
        </div>
      </form>
    </Dialog>
  );
}
