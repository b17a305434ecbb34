import type { Route } from "next";
import { type RunsFilter, toSearchParams } from "#lib/runs/filter";

/** The address of a list of runs; the plain list is `/runs`. */
export function runsHref(filter: RunsFilter): Route {
  const query = toSearchParams(filter).toString();
  return query ? `/runs?${query}` : "/runs";
}
