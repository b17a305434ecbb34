import type { Route } from "next";
import { printRunsView, type RunsView } from "#lib/runs/fields";
import { type RunsFilter, toSearchParams } from "#lib/runs/address";

/** The address of a list of runs; the plain list in the plain view is `/runs`. */
export function runsHref(filter: RunsFilter, view?: RunsView): Route {
  const query = [toSearchParams(filter).toString(), view ? printRunsView(view).toString() : ""].filter(Boolean).join("&");
  return query ? `/runs?${query}` : "/runs";
}
