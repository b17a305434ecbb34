"use client";
import { ArrowDown, ArrowUp, Columns3 } from "lucide-react";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useOptimistic, useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { type ColumnField, DENSITIES, type TableView } from "#lib/table/view";

type Props<Id extends string> = { fields: Record<Id, ColumnField>; view: TableView<Id>; usual: TableView<Id>; hrefOf: (view: TableView<Id>) => Route; remember: (view: TableView<Id>) => void };

/** Which columns, in which order, and how dense; kept for this person and in the address. */
export function ColumnsDialog<Id extends string>({ fields, view: known, usual, hrefOf, remember }: Props<Id>) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [, startTransition] = useTransition();
  // A box is ticked at once; the table follows when the server has drawn it.
  const [view, setView] = useOptimistic(known);
  const shown = view.columns.map(({ id }) => id);
  const all = [...shown, ...(Object.keys(fields) as Id[]).filter((id) => !shown.includes(id))];

  function set(next: TableView<Id>) {
    remember(next);
    startTransition(() => {
      setView(next);
      router.replace(hrefOf(next), { scroll: false });
    });
  }
  const toggle = (id: Id) => set({ ...view, columns: shown.includes(id) ? view.columns.filter((column) => column.id !== id) : [...view.columns, { id, width: null }] });
  function move(id: Id, by: -1 | 1) {
    const columns = [...view.columns];
    const at = columns.findIndex((column) => column.id === id);
    const [one] = columns.splice(at, 1);
    if (one) columns.splice(at + by, 0, one);
    set({ ...view, columns });
  }

  return (
    <>
      <Button size="sm" onClick={() => setOpen(true)} className="max-sm:hidden">
        <Columns3 aria-hidden className="size-3.5 text-ink-soft" /> Columns
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Columns"
        description="What the table shows, from left to right. Narrow windows leave some out."
        footer={
          <>
            <Button look="quiet" onClick={() => set(usual)}>Reset</Button>
            <Button look="primary" onClick={() => setOpen(false)}>Done</Button>
          </>
        }
      >
        <ul className="divide-y divide-line">
          {all.map((id) => {
            const at = shown.indexOf(id);
            const { label, description, shown: begin } = fields[id];
            return (
              <li key={id} className="flex items-center gap-2 py-1">
                <label className="flex min-h-8 flex-1 items-center gap-2" title={description}>
                  <input type="checkbox" checked={at >= 0} disabled={begin === "locked"} onChange={() => toggle(id)} className="size-4 accent-(--accent)" />
                  {label}
                </label>
                <Button look="quiet" size="sm" aria-label={`Move ${label} to the left`} disabled={at <= 0} onClick={() => move(id, -1)}>
                  <ArrowUp aria-hidden className="size-3.5" />
                </Button>
                <Button look="quiet" size="sm" aria-label={`Move ${label} to the right`} disabled={at < 0 || at === shown.length - 1} onClick={() => move(id, 1)}>
                  <ArrowDown aria-hidden className="size-3.5" />
                </Button>
              </li>
            );
          })}
        </ul>
        <fieldset className="mt-4 flex flex-wrap items-center gap-4">
          <legend className="mb-1 text-sm font-medium">Rows</legend>
          {DENSITIES.map((density) => (
            <label key={density} className="flex items-center gap-2">
              <input type="radio" name="density" checked={view.density === density} onChange={() => set({ ...view, density })} className="size-4 accent-(--accent)" />
              {density}
            </label>
          ))}
        </fieldset>
      </Dialog>
    </>
  );
}
