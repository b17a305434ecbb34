"use client";
import { CalendarClock, ChevronDown } from "lucide-react";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { type FilteredPage, filteredOn, filterHref } from "#components/filters/filter-href";
import { Button } from "#components/ui/button";
import { Menu, MenuAction, MenuChoice } from "#components/ui/menu";
import { ask, CALL_CREATED_AT, CREATED_AT, keyOfNode } from "#lib/filters/edit";
import { nodesOf } from "#lib/filters/tree";
import type { FilterTree } from "#lib/filters/filter";

/** Loaded when it is first asked for. */
const RangeDialog = dynamic(async () => (await import("#components/filters/range-dialog")).RangeDialog, { ssr: false });

const PRESETS = [
  { value: "1h", label: "Last hour" },
  { value: "24h", label: "Last 24 hours" },
  { value: "7d", label: "Last 7 days" },
  { value: "30d", label: "Last 30 days" },
  { value: "90d", label: "Last 90 days" },
  { value: "", label: "Any time" },
];

/** When the runs were triggered, or the calls made: a preset that moves on with time, or two instants. */
export function TimeMenu({ tree, page }: { tree: FilterTree | null; page: FilteredPage }) {
  const router = useRouter();
  const [asking, setAsking] = useState<boolean | null>(null);
  const isOfCalls = filteredOn(page) === "call";
  const key = isOfCalls ? CALL_CREATED_AT : CREATED_AT;
  const node = nodesOf(tree).find((one) => keyOfNode(one) === key);
  const span = node && "time_last" in node ? node.time_last.span : node ? "custom" : "";
  const go = (next: FilterTree | null) => router.push(filterHref(page, next), { scroll: false });
  return (
    <>
      <Menu
        trigger={
          <Button size="sm">
            <CalendarClock aria-hidden className="size-3.5 text-ink-soft" />
            {PRESETS.find(({ value }) => value === span)?.label ?? (span === "custom" ? "Time range" : `Last ${span}`)}
            <ChevronDown aria-hidden className="size-3.5 text-ink-soft" />
          </Button>
        }
      >
        <MenuChoice value={span} onChange={(value) => go(ask(tree, key, value ? { time_last: { key, span: value } } : null))} options={PRESETS} />
        <MenuAction onSelect={() => setAsking(true)}>From … until …</MenuAction>
      </Menu>
      {asking !== null && <RangeDialog open={asking} onOpenChange={setAsking} what={isOfCalls ? "the calls were made" : "the runs were triggered"} onRange={(range) => go(ask(tree, key, { time_range: { key, ...range } }))} />}
    </>
  );
}
