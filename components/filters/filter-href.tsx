import type { Route } from "next";
import type { Filtered } from "#lib/filters/fields";
import type { FilterTree } from "#lib/filters/filter";
import { printFilterParams } from "#lib/filters/address";

/** A page that obeys the filter bar: its path, and the parameters of its own that a change of filter leaves as they are. */
export type FilteredPage = { path: "/" | "/runs" | "/ai-audit"; rest?: string };

/** What the filters of a page are about. */
export const filteredOn = ({ path }: FilteredPage): Filtered => (path === "/ai-audit" ? "call" : "run");

/** The address of the page with another filter. */
export function filterHref({ path, rest = "" }: FilteredPage, tree: FilterTree | null): Route {
  const query = [printFilterParams(tree).toString(), rest].filter(Boolean).join("&");
  return (query ? `${path}?${query}` : path) as Route;
}

/** The runs that a figure on another page is made of. */
export const runsOf = (tree: FilterTree | null): Route => filterHref({ path: "/runs" }, tree);
