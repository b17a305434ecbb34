"use client";
import { Bookmark, ChevronDown } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { Field, Input } from "#components/ui/field";
import { Menu, MenuAction, MenuGroup } from "#components/ui/menu";
import type { SavedView } from "#lib/views/queries";
import type { ActionResult } from "#lib/web/action";

type Actions = {
  save: (input: { name: string; query: string; shared: boolean; isDefault: boolean }) => Promise<ActionResult<{ id: number }>>;
  remove: (input: { id: number }) => Promise<ActionResult<{ deleted: boolean }>>;
};

/** Lists that were given a name: mine, and those that others share. `query` is the list that is shown now. */
export function ViewsMenu({ views, query, save, remove }: { views: SavedView[]; query: string } & Actions) {
  const router = useRouter();
  const [isOpen, setOpen] = useState(false);
  const [fault, setFault] = useState<string>();
  const [refused, setRefused] = useState<string | null>(null);
  const [isPending, startTransition] = useTransition();
  const current = views.find((view) => view.query === query);
  const mine = views.filter(({ isMine }) => isMine);
  const theirs = views.filter(({ isMine }) => !isMine);

  function submit(form: FormData) {
    startTransition(async () => {
      const result = await save({ name: String(form.get("name") ?? ""), query, shared: form.get("shared") !== null, isDefault: form.get("default") !== null });
      if (result.ok) setOpen(false);
      setFault(result.ok ? undefined : result.error.message);
    });
  }
  function drop(id: number) {
    startTransition(async () => {
      const result = await remove({ id });
      setRefused(result.ok ? null : `The view was not deleted. ${result.error.message}`);
    });
  }
  const open = (view: SavedView | null) => router.push(view === null ? "/runs?view=all" : view.query ? `/runs?${view.query}` : "/runs?view=all");

  return (
    <>
      <Menu
        align="end"
        trigger={
          <Button size="sm">
            <Bookmark aria-hidden className="size-3.5 text-ink-soft" />
            <span className="max-w-40 truncate">{current?.name ?? "Views"}</span>
            <ChevronDown aria-hidden className="size-3.5 text-ink-soft" />
          </Button>
        }
      >
        <MenuAction onSelect={() => open(null)}>All runs</MenuAction>
        {mine.length > 0 && (
          <MenuGroup label="Mine">
            {mine.map((view) => <MenuAction key={view.id} onSelect={() => open(view)}>{view.name}{view.isDefault && <span className="text-xs text-ink-soft">default</span>}{view.shared && <span className="text-xs text-ink-soft">shared</span>}</MenuAction>)}
          </MenuGroup>
        )}
        {theirs.length > 0 && (
          <MenuGroup label="Shared">
            {theirs.map((view) => <MenuAction key={view.id} onSelect={() => open(view)}>{view.name}<span className="text-xs text-ink-soft">{view.owner}</span></MenuAction>)}
          </MenuGroup>
        )}
        <hr className="my-1" />
        <MenuAction onSelect={() => setOpen(true)}>Save this view …</MenuAction>
        {current?.isMine && (
          <MenuAction onSelect={() => drop(current.id)}>Delete “{current.name}”</MenuAction>
        )}
      </Menu>
      {refused && <p role="alert" className="order-last basis-full text-sm text-failed">{refused}</p>}
      <Dialog open={isOpen} onOpenChange={setOpen} title="Save this view" description="Its filter, order and columns, under a name. A name that you have used is replaced.">
        <form action={submit} className="grid gap-3">
          <Field id="view-name" label="Name" fault={fault}>
            <Input id="view-name" name="name" required maxLength={80} defaultValue={current?.isMine ? current.name : ""} aria-describedby="view-name-hint" aria-invalid={fault ? true : undefined} autoComplete="off" />
          </Field>
          <label className="flex items-center gap-2 text-sm"><input type="checkbox" name="shared" defaultChecked={current?.shared} className="size-4 accent-(--accent)" /> Others see it too</label>
          <label className="flex items-center gap-2 text-sm"><input type="checkbox" name="default" defaultChecked={current?.isDefault} className="size-4 accent-(--accent)" /> Show it when I open Runs</label>
          <div className="flex justify-end">
            <Button type="submit" look="primary" disabled={isPending}>{isPending ? "Saving" : "Save view"}</Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
