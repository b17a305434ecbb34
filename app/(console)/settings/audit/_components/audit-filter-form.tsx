import Link from "next/link";
import type { ReactNode } from "react";
import { Button, buttonClass } from "#components/ui/button";
import { type AuditFilter, DEFAULT_LIMIT, isNarrowed } from "#lib/audit/filter";

const CONTROL = "h-8 min-w-0 rounded-md border border-line-strong bg-surface px-2 text-sm font-normal text-ink";

/** What the log is narrowed to: a plain form, so that the address says it and it works before the page is alive. */
export function AuditFilterForm({ filter, words }: { filter: AuditFilter; words: { people: string[]; actions: string[] } }) {
  const nouns = [...new Set(words.actions.map((action) => action.split(".")[0] ?? action))];
  return (
    <form action="/settings/audit" method="get" aria-label="Filter" className="flex flex-wrap items-end gap-2 border-t max-sm:grid max-sm:grid-cols-2 px-4 py-3 sm:px-6">
      <Labelled label="Person">
        <select name="person" defaultValue={filter.person ?? ""} className={`${CONTROL} sm:max-w-44`}>
          <option value="">anybody</option>
          {withOwn(words.people, filter.person).map((person) => <option key={person} value={person}>{person}</option>)}
        </select>
      </Labelled>
      <Labelled label="Action">
        <select name="action" defaultValue={filter.action ?? ""} className={`${CONTROL} sm:max-w-44`}>
          <option value="">anything</option>
          {withOwn([...nouns, ...words.actions].toSorted(), filter.action).map((action) => <option key={action} value={action}>{action.includes(".") ? action : `all of ${action}`}</option>)}
        </select>
      </Labelled>
      <Labelled label="Object"><input name="object" defaultValue={filter.object ?? ""} maxLength={300} placeholder="run/12" autoComplete="off" spellCheck={false} className={`${CONTROL} sm:w-32`} /></Labelled>
      <Labelled label="From (UTC)"><input name="from" {...dateControl(filter.from)} className={`${CONTROL} sm:w-36`} /></Labelled>
      <Labelled label="To (UTC)"><input name="to" {...dateControl(filter.to)} className={`${CONTROL} sm:w-36`} /></Labelled>
      <Labelled label="Text"><input name="q" type="search" defaultValue={filter.q ?? ""} maxLength={200} className={`${CONTROL} sm:w-40`} /></Labelled>
      {filter.limit !== DEFAULT_LIMIT && <input type="hidden" name="limit" value={filter.limit} />}
      <Button type="submit">Filter</Button>
      {isNarrowed(filter) && <Link href="/settings/audit" className={buttonClass("quiet")}>Clear</Link>}
    </form>
  );
}

const withOwn = (words: string[], own: string | null): string[] => (own === null || words.includes(own) ? words : [own, ...words]);
/** A calendar for days; an address may say an instant or 7d, which it could not hold. */
const dateControl = (value: string | null) => ({ type: value === null || /^\d{4}-\d{2}-\d{2}$/.test(value) ? "date" : "text", defaultValue: value ?? "" });

const Labelled = ({ label, children }: { label: string; children: ReactNode }) => (
  // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
  <label className="flex min-w-0 flex-col text-xs font-semibold text-ink-soft">
    {label}
    {children}
  </label>
);
