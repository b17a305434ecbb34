import type { Route } from "next";
import { type ErrorGroupsFilter, toSearchParams } from "#lib/error-groups/filter";

/** The address of a list of error groups; the plain list is `/errors`. */
export function errorsHref(filter: ErrorGroupsFilter): Route {
  const query = toSearchParams(filter).toString();
  return query ? `/errors?${query}` : "/errors";
}

/** The address of a group, and of a page of its runs: those below `before`. A path that exists, which a template cannot tell the compiler. */
export const errorGroupHref = (groupId: number, before?: number): Route => `/errors/${groupId}${before === undefined ? "" : `?before=${before}`}` as Route;
