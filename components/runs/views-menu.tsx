"use client";
import { Bookmark, ChevronDown } from "lucide-react";
import type { Route } from "next";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import type { SaveView } from "#components/runs/save-view-dialog";
import { Button } from "#components/ui/button";
import { Menu, MenuAction, MenuGroup } from "#components/ui/menu";
import type { SavedView } from "#lib/views/queries";
import type { ViewList } from "#lib/views/rules";
import type { ActionResult } from "#lib/web/action";

type List = { list: ViewList; path: "/runs" | "/ai-audit"; /** The whole of it: "runs", "calls". */ all: string };

type Actions = { save: SaveView; remove: (input: { id: number }) => Promise<ActionResult<void>> };

/** Loaded when it is first asked for. */
const SaveViewDialog = dynamic(async () => (await import("#components/runs/save-view-dialog")).SaveViewDialog, { ssr: false });

/** Lists that were given a name: mine, and those that others share. `query` is the list that is shown now. */
export function ViewsMenu({ list, path, all, views, query, save, remove }: { views: SavedView[]; query: string } & List & Actions) {
  const router = useRouter();
  const [isOpen, setOpen] = useState<boolean | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const [, startTransition] = useTransition();
  const current = views.find((view) => view.query === query);
  const mine = views.filter(({ isMine }) => isMine);
  const theirs = views.filter(({ isMine }) => !isMine);

  function drop(id: number) {
    startTransition(async () => {
      const result = await remove({ id });
      setRefused(result.ok ? null : `The view was not deleted. ${result.error.message}`);
    });
  }
  const open = (view: SavedView | null) => router.push((view?.query ? `${path}?${view.query}` : `${path}?view=all`) as Route);

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
        <MenuAction onSelect={() => open(null)}>All {all}</MenuAction>
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
      {isOpen !== null && <SaveViewDialog open={isOpen} onOpenChange={setOpen} list={list} page={path === "/runs" ? "Runs" : "the AI audit"} current={current} query={query} save={save} />}
    </>
  );
}
