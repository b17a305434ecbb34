import type { Route } from "next";
import { type CallsView, printCallsView } from "#lib/llm-calls/fields";
import { type CallsFilter, EVERY_CALL, toSearchParams } from "#lib/llm-calls/address";
import type { FilterTree } from "#lib/filters/filter";

/** The address of a list of calls; the plain list in the plain view is `/ai-audit`. */
export function callsHref(filter: CallsFilter, view?: CallsView): Route {
  const query = [toSearchParams(filter).toString(), view ? printCallsView(view).toString() : ""].filter(Boolean).join("&");
  return (query ? `/ai-audit?${query}` : "/ai-audit") as Route;
}

/** The calls that a figure elsewhere is made of. */
export const callsOf = (tree: FilterTree | null): Route => callsHref({ ...EVERY_CALL, tree });
export const callHref = (callId: number): Route => `/ai-audit/${callId}` as Route;
