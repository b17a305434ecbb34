"use client";
import { ExportChoices } from "#components/table/export-choices";
import type { FilterTree } from "#lib/filters/filter";
import { printFilterParams } from "#lib/filters/address";
import { EVERY_RUN, type RunsFilter, toSearchParams } from "#lib/runs/address";

/** Every run that matches as a file. */
export function ExportMenu({ tree, sort: { sort, dir } }: { tree: FilterTree | null; sort: Pick<RunsFilter, "sort" | "dir"> }) {
  const query = toSearchParams({ ...EVERY_RUN, tree, sort, dir });
  return (
    <ExportChoices
      noun="run"
      hasFilter={tree !== null}
      countHref={`/api/v1/runs/count?${printFilterParams(tree)}`}
      hrefOf={(format, more = "") => `/api/v1/runs/export?${query}${query.size > 0 ? "&" : ""}format=${format}${more}`}
    />
  );
}
