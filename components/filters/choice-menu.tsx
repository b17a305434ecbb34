"use client";
import { Ban, ChevronDown } from "lucide-react";
import { useRouter } from "next/navigation";
import type { ReactNode } from "react";
import { type FilteredPage, filterHref } from "#components/filters/filter-href";
import { Button } from "#components/ui/button";
import { classNames } from "#components/ui/class-names";
import { Menu, MenuCheck, MenuGroup } from "#components/ui/menu";
import { type Choice, choicesIn, choose } from "#lib/filters/edit";
import type { FilterTree } from "#lib/filters/filter";

/** `group` stands above the entries that share it; `count` is how many runs there are of it. */
export type MenuEntry = { value: string; label: ReactNode; group?: string; count?: string };

/** The values of one field: a click asks for one, the mark at its end keeps it out. */
export function ChoiceMenu({ label, field, entries, tree, page }: { label: string; field: string; entries: MenuEntry[]; tree: FilterTree | null; page: FilteredPage }) {
  const router = useRouter();
  const chosen = choicesIn(tree, field);
  const known = new Set(entries.map(({ value }) => value));
  // What the address asks for can be taken back here even when it is on no list.
  const all = [...entries, ...[...chosen.keys()].flatMap((value) => (known.has(value) ? [] : [{ value, label: value || "empty" } as MenuEntry]))];
  const set = (value: string, choice: Choice | null) => router.push(filterHref(page, choose(tree, field, value, choice)), { scroll: false });
  const draw = (list: MenuEntry[]) => list.map((entry) => <Entry key={entry.value} entry={entry} choice={chosen.get(entry.value) ?? null} onChoose={(choice) => set(entry.value, choice)} />);
  const groups = Map.groupBy(all, ({ group }) => group);
  return (
    <Menu
      trigger={
        <Button size="sm">
          {label}
          {chosen.size > 0 && <span className="rounded-sm bg-accent px-1 text-xs leading-4 font-semibold text-on-accent">{chosen.size}</span>}
          <ChevronDown aria-hidden className="size-3.5 text-ink-soft" />
        </Button>
      }
    >
      {all.length === 0 && <p className="px-2 py-1 text-sm text-ink-soft">Nothing to choose from yet.</p>}
      {[...groups].map(([group, list]) => (group ? <MenuGroup key={group} label={group}>{draw(list)}</MenuGroup> : draw(list)))}
    </Menu>
  );
}

function Entry({ entry, choice, onChoose }: { entry: MenuEntry; choice: Choice | null; onChoose: (choice: Choice | null) => void }) {
  const name = typeof entry.label === "string" ? entry.label : entry.value;
  return (
    <div className="flex items-center">
      <div className="min-w-0 flex-1">
        <MenuCheck checked={choice === "include"} onChange={(checked) => onChoose(checked ? "include" : null)}>
          <span className={classNames("flex min-w-0 flex-1 items-center justify-between gap-4", choice === "exclude" && "line-through")}>
            <span className="truncate">{entry.label}</span>
            {entry.count !== undefined && <span className="text-xs text-ink-soft tabular-nums">{entry.count}</span>}
          </span>
        </MenuCheck>
      </div>
      <MenuCheck checked={choice === "exclude"} onChange={(checked) => onChoose(checked ? "exclude" : null)} look={<Ban aria-hidden className="size-3.5" />} label={`Leave out ${name}`} />
    </div>
  );
}
