"use client";
import { Ban, ChevronDown } from "lucide-react";
import { useRouter } from "next/navigation";
import { type ReactNode, useOptimistic, useState, useTransition } from "react";
import { type FilteredPage, filteredOn, filterHref } from "#components/filters/filter-href";
import { readData } from "#components/layout/read-data";
import { Button } from "#components/ui/button";
import { classNames } from "#components/ui/class-names";
import { Menu, MenuCheck, MenuGroup } from "#components/ui/menu";
import type { Facets } from "#lib/facets/queries";
import { type Choice, choicesIn, choose } from "#lib/filters/edit";
import { fieldOf } from "#lib/filters/fields";
import type { FilterTree } from "#lib/filters/filter";
import { printFilterParams } from "#lib/filters/address";
import { formatCount } from "#lib/format/number";

/** `group` stands above the entries that share it. */
export type MenuEntry = { value: string; label: ReactNode; group?: string };

/** The values of one field: a click asks for one, the mark at its end keeps it out. */
export function ChoiceMenu({ label, field, entries, tree: known, page }: { label: string; field: string; entries: MenuEntry[]; tree: FilterTree | null; page: FilteredPage }) {
  const router = useRouter();
  const [, startTransition] = useTransition();
  // A box is ticked at once; the rows follow when the server has drawn them.
  const [tree, setTree] = useOptimistic(known);
  const isOfCalls = filteredOn(page) === "call";
  const { facets, load } = useFacets(isOfCalls ? "/api/v1/llm-calls/facets" : "/api/v1/runs/facets", field, known);
  const chosen = choicesIn(tree, field);
  const counts = facets && new Map(facets.values.map(({ value, count }) => [value, count]));
  const listed = new Set(entries.map(({ value }) => value));
  // What the address asks for can be taken back here even when it is on no list.
  const others = [...new Set([...chosen.keys(), ...(counts?.keys() ?? [])])].filter((value) => !listed.has(value));
  const all = [...entries, ...others.map((value): MenuEntry => ({ value, label: value || "empty" }))];
  const set = (value: string, choice: Choice | null) =>
    startTransition(() => {
      const next = choose(tree, field, value, choice);
      setTree(next);
      router.push(filterHref(page, next), { scroll: false });
    });
  const draw = (list: MenuEntry[]) => list.map((entry) => <Entry key={entry.value} entry={entry} count={counts && (counts.get(entry.value) ?? 0)} choice={chosen.get(entry.value) ?? null} onChoose={(choice) => set(entry.value, choice)} />);
  const groups = Map.groupBy(all, ({ group }) => group);
  return (
    <Menu
      onOpenChange={(open) => open && load()}
      trigger={
        <Button size="sm">
          {label}
          {chosen.size > 0 && <span className="rounded-sm bg-accent px-1 text-xs leading-4 font-semibold text-on-accent">{chosen.size}</span>}
          <ChevronDown aria-hidden className="size-3.5 text-ink-soft" />
        </Button>
      }
    >
      {all.length === 0 && <p className="px-2 py-1 text-sm text-ink-soft">{facets ? `No ${isOfCalls ? "call" : "run"} has any.` : "Looking …"}</p>}
      {[...groups].map(([group, list]) => (group ? <MenuGroup key={group} label={group}>{draw(list)}</MenuGroup> : draw(list)))}
      {facets?.ofNewest && <p className="max-w-60 px-2 pt-1 pb-1 text-xs text-ink-soft">Of the newest {formatCount(facets.ofNewest)} {isOfCalls ? "calls" : "runs"} that match the rest.</p>}
    </Menu>
  );
}

function Entry({ entry, count, choice, onChoose }: { entry: MenuEntry; count: number | null; choice: Choice | null; onChoose: (choice: Choice | null) => void }) {
  const name = typeof entry.label === "string" ? entry.label : entry.value;
  return (
    <div className="flex items-center">
      <div className="min-w-0 flex-1">
        <MenuCheck checked={choice === "include"} onChange={(checked) => onChoose(checked ? "include" : null)}>
          <span className={classNames("flex min-w-0 flex-1 items-center justify-between gap-4", choice === "exclude" && "line-through")}>
            <span className="truncate">{entry.label}</span>
            {count !== null && <span className="text-xs text-ink-soft tabular-nums">{formatCount(count)}</span>}
          </span>
        </MenuCheck>
      </div>
      <MenuCheck checked={choice === "exclude"} onChange={(checked) => onChoose(checked ? "exclude" : null)} look={<Ban aria-hidden className="size-3.5" />} label={`Leave out ${name}`} />
    </div>
  );
}

/** The field's values with their counts, asked for when the menu opens: never in the way of the rows. */
function useFacets(url: string, field: string, tree: FilterTree | null): { facets: Facets | null; load: () => void } {
  const [found, setFound] = useState<{ query: string; facets: Facets } | null>(null);
  const params = printFilterParams(tree);
  params.set("field", fieldOf(field)?.param ?? "");
  const query = params.toString();
  const load = async () => {
    const answer = await readData<Facets>(`${url}?${query}`);
    if (answer.ok) setFound({ query, facets: answer.data });
  };
  return { facets: found?.query === query ? found.facets : null, load: () => void load() };
}
