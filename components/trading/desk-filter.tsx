import type { Route } from "next";
import Link from "next/link";
import { Button, buttonClass } from "#components/ui/button";

export type FilterChoice = { name: string; label: string; value: string; options: { value: string; word: string }[] };

const CONTROL = "h-8 min-w-0 rounded-md border border-line-strong bg-surface px-2 text-sm text-ink";

/** What a list is narrowed to: a plain form, so that the address says it and it works before the page is alive. */
export function DeskFilter({ path, symbol, choices }: { path: string; symbol: string; choices: FilterChoice[] }) {
  const isNarrowed = symbol !== "" || choices.some(({ value }) => value !== "");
  return (
    <form action={path} method="get" aria-label="Filter" className="flex flex-wrap items-end gap-2 px-4 py-3 sm:px-6">
      {choices.map(({ name, label, value, options }) => (
        <label key={name} className="flex min-w-0 flex-col text-xs font-semibold text-ink-soft">
          {label}
          <select key={value} name={name} defaultValue={value} className={`${CONTROL} max-w-44 font-normal`}>
            <option value="">any</option>
            {options.map((option) => <option key={option.value} value={option.value}>{option.word}</option>)}
          </select>
        </label>
      ))}
      <label className="flex min-w-0 flex-col text-xs font-semibold text-ink-soft">
        Symbol
        <input key={symbol} name="symbol" defaultValue={symbol} maxLength={20} autoComplete="off" spellCheck={false} className={`${CONTROL} w-32 font-normal uppercase`} />
      </label>
      <Button type="submit">Filter</Button>
      {isNarrowed && <Link href={path as Route} className={buttonClass("quiet")}>Clear</Link>}
    </form>
  );
}
