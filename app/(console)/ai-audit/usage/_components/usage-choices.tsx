import type { Route } from "next";
import Link from "next/link";
import { USAGE_BY } from "#lib/llm-calls/fields";
import type { UsageRequest } from "#lib/llm-usage/queries";

const DAYS = [1, 7, 30, 90, 365] as const;

/** The page with something else of it chosen; what is usual is left out of the address. */
export function usageHref(asked: UsageRequest, change: Partial<UsageRequest>): Route {
  const { days, granularity, by, ...narrowed } = { ...asked, ...change };
  const params = new URLSearchParams(Object.entries(narrowed).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  if (days !== 30) params.set("days", String(days));
  if (by !== "model") params.set("by", by);
  if (granularity === "hourly" && days <= 31) params.set("granularity", granularity);
  return (params.size > 0 ? `/ai-audit/usage?${params}` : "/ai-audit/usage") as Route;
}

/** What it is narrowed to. */
export const narrowedTo = (asked: UsageRequest) => (["pipeline", "stage", "model", "provider", "role", "template"] as const).flatMap((name) => (asked[name] === undefined ? [] : [{ name, value: asked[name] }]));

/** Which time, by which side, and what it is narrowed to. */
export function UsageChoices({ asked }: { asked: UsageRequest }) {
  return (
    <div className="flex flex-wrap items-center gap-x-6 gap-y-2 border-b px-4 py-2 text-sm sm:px-6">
      <Choice label="Time" options={DAYS.map((days) => ({ word: days === 1 ? "Today" : `${days} days`, href: usageHref(asked, { days }), isChosen: days === asked.days }))} />
      <Choice label="By" options={USAGE_BY.map((by) => ({ word: by, href: usageHref(asked, { by }), isChosen: by === asked.by }))} />
      {asked.days <= 31 && <Choice label="Bars" options={(["daily", "hourly"] as const).map((granularity) => ({ word: granularity, href: usageHref(asked, { granularity }), isChosen: granularity === asked.granularity }))} />}
      {narrowedTo(asked).map(({ name, value }) => (
        <Link key={name} href={usageHref(asked, { [name]: undefined })} className="rounded-md bg-accent-wash px-2 py-0.5 hover:bg-hover">
          <span className="text-ink-soft">{name}</span> <span className="font-medium">{value}</span><span className="sr-only">, remove</span> <span aria-hidden>×</span>
        </Link>
      ))}
    </div>
  );
}

function Choice({ label, options }: { label: string; options: { word: string; href: Route; isChosen: boolean }[] }) {
  return (
    <nav aria-label={label} className="flex flex-wrap items-center gap-1">
      <span className="mr-1 text-ink-soft">{label}</span>
      {options.map(({ word, href, isChosen }) => (
        <Link key={word} href={href} scroll={false} aria-current={isChosen ? "true" : undefined} className="inline-flex min-h-6 items-center rounded-md px-2 hover:bg-hover aria-[current]:bg-accent-wash aria-[current]:font-semibold aria-[current]:text-accent">
          {word}
        </Link>
      ))}
    </nav>
  );
}
