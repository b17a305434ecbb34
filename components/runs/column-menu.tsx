"use client";
import { runsHref } from "#components/runs/runs-href";
import { rememberView } from "#components/runs/view-memory";
import { ColumnsDialog } from "#components/table/columns-dialog";
import { DEFAULT_VIEW, RUN_FIELDS, type RunsView } from "#lib/runs/fields";
import type { RunsFilter } from "#lib/runs/address";

/** The columns of a list of runs. */
export function ColumnMenu({ filter, view }: { filter: RunsFilter; view: RunsView }) {
  return <ColumnsDialog fields={RUN_FIELDS} view={view} usual={DEFAULT_VIEW} hrefOf={(next) => runsHref(filter, next)} remember={rememberView} />;
}
