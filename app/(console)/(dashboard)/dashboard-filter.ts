import { ask, CREATED_AT, createdRange } from "#lib/filters/edit";
import type { FilterTree } from "#lib/filters/filter";
import { type ResolvedFilter, resolveMe } from "#lib/filters/rules";

const DAY_MS = 86_400_000;

/** What the dashboard looks at: the filter, the time that its charts span, and the filter of as long a time before. */
export type Look = {
  tree: FilterTree | null;
  resolved: ResolvedFilter | null;
  /** The same without its condition on when runs were triggered. */
  anyTime: ResolvedFilter | null;
  from: Date;
  to: Date;
  /** Null when the filter asks for no time, so that there is no time before. */
  before: ResolvedFilter | null;
};

/** @param first when the oldest run was triggered; null while there is none */
export function lookAt(tree: FilterTree | null, user: string, first: Date | null, now: Date): Look {
  const resolve = (one: FilterTree | null) => one && resolveMe(one, user);
  const asked = createdRange(tree, now);
  const to = asked.to ?? now;
  const from = asked.from ?? (first && first < to ? first : new Date(to.getTime() - DAY_MS));
  const others = ask(tree, CREATED_AT, null);
  const earlier = asked.from && { time_range: { key: CREATED_AT, start_time: new Date(2 * from.getTime() - to.getTime()).toISOString(), end_time: from.toISOString() } };
  return { tree, resolved: resolve(tree), anyTime: resolve(others), from, to: to > from ? to : new Date(from.getTime() + 60_000), before: earlier && resolve(ask(others, CREATED_AT, earlier)) };
}
