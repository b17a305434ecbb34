import { BarChart3, SearchX, Sparkles } from "lucide-react";
import Link from "next/link";
import { EmptyState } from "#components/layout/empty-state";
import { buttonClass } from "#components/ui/button";
import type { UsageRequest } from "#lib/llm-usage/queries";
import { narrowedTo, usageHref } from "./usage-choices";

/** Empty because new. */
export function NoUsageYet() {
  return (
    <EmptyState icon={<Sparkles />} title="No model call yet" action={<Link href="/control" className={buttonClass("primary")}>Go to Pipeline Control</Link>}>
      Each time a stage asks a model, or the local analyser in its place, its tokens, its cost and its time are added up here.
    </EmptyState>
  );
}

/** Empty because of what is asked for: says by what, and takes it away in one click. */
export function NoUsageFound({ asked }: { asked: UsageRequest }) {
  const when = asked.days === 1 ? "today (UTC)" : `in the last ${asked.days} days`;
  const narrowed = narrowedTo(asked);
  if (narrowed.length === 0) {
    return (
      <EmptyState icon={<BarChart3 />} title="No call in this time" action={asked.days < 365 && <Link href={usageHref(asked, { days: 365 })} className={buttonClass("primary")}>Show 365 days</Link>}>
        No model call ended {when}; earlier ones did.
      </EmptyState>
    );
  }
  const everything = Object.fromEntries(narrowed.map(({ name }) => [name, undefined]));
  return (
    <EmptyState icon={<SearchX />} title="No call matches" action={<Link href={usageHref(asked, everything)} className={buttonClass("primary")}>Clear filters</Link>}>
      No model call that ended {when} fits all of this: {narrowed.map(({ name, value }) => `${name} ${value}`).join("; ")}.
    </EmptyState>
  );
}
