"use client";
import { CalendarClock, ChevronDown } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { type FilteredPage, filteredOn, filterHref } from "#components/filters/filter-href";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { Field, Input } from "#components/ui/field";
import { Menu, MenuAction, MenuChoice } from "#components/ui/menu";
import { ask, CALL_CREATED_AT, CREATED_AT, keyOfNode } from "#lib/filters/edit";
import { type FilterTree, nodesOf } from "#lib/filters/filter";

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
  const [asking, setAsking] = useState(false);
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
      <RangeDialog open={asking} onOpenChange={setAsking} what={isOfCalls ? "the calls were made" : "the runs were triggered"} onRange={(range) => go(ask(tree, key, { time_range: { key, ...range } }))} />
    </>
  );
}

function RangeDialog({ open, onOpenChange, what, onRange }: { open: boolean; what: string; onOpenChange: (open: boolean) => void; onRange: (range: { start_time?: string; end_time?: string }) => void }) {
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
        <div className="flex justify-end sm:col-span-2">
          <Button type="submit" look="primary">Show this range</Button>
        </div>
      </form>
    </Dialog>
  );
}
