"use client";
import { ChoiceMenu, type MenuEntry } from "#components/filters/choice-menu";
import type { FilteredPage } from "#components/filters/filter-href";
import { FilterRow } from "#components/filters/filter-row";
import { CallMark } from "#components/llm-calls/call-mark";
import { callsHref } from "#components/llm-calls/calls-href";
import { rememberCallsView } from "#components/llm-calls/calls-view-memory";
import { ColumnsDialog } from "#components/table/columns-dialog";
import { ExportChoices } from "#components/table/export-choices";
import type { Fault } from "#lib/errors";
import { CALL_FIELDS, type CallKey } from "#lib/filters/fields";
import type { FilterTree } from "#lib/filters/filter";
import { printFilterParams } from "#lib/filters/address";
import { CALL_COLUMNS, type CallsView, USUAL_CALLS_VIEW } from "#lib/llm-calls/fields";
import { type CallsFilter, EVERY_CALL, toSearchParams } from "#lib/llm-calls/address";

const STATUSES: MenuEntry[] = CALL_FIELDS["system/llm_call.status"].choices.map((status) => ({ value: status, label: <CallMark status={status} /> }));
/** Fields with a menu of their own; those of the second list on wide windows alone. */
const ALWAYS: CallKey[] = ["system/llm_call.stage", "system/llm_call.model"];
const WIDE: CallKey[] = ["system/llm_call.role", "system/llm_call.subject", "system/llm_call.template", "system/llm_call.provider"];

/** What the list of calls is narrowed to. */
export function CallsFilterBar({ tree, page, faults }: { tree: FilterTree | null; page: FilteredPage; faults: Fault[] }) {
  const menu = (key: CallKey) => <ChoiceMenu key={key} label={CALL_FIELDS[key].label} field={key} entries={[]} tree={tree} page={page} />;
  const menus = (
    <>
      <ChoiceMenu label="Status" field="system/llm_call.status" entries={STATUSES} tree={tree} page={page} />
      {ALWAYS.map(menu)}
      {WIDE.map((key) => <span key={key} className="contents max-lg:hidden">{menu(key)}</span>)}
    </>
  );
  return <FilterRow tree={tree} page={page} menus={menus} faults={faults} />;
}

/** The columns of the list of calls. */
export function CallColumnMenu({ filter, view }: { filter: CallsFilter; view: CallsView }) {
  return <ColumnsDialog fields={CALL_COLUMNS} view={view} usual={USUAL_CALLS_VIEW} hrefOf={(next) => callsHref(filter, next)} remember={rememberCallsView} />;
}

/** Every call that matches as a file. */
export function CallExportMenu({ tree, sort: { sort, dir } }: { tree: FilterTree | null; sort: Pick<CallsFilter, "sort" | "dir"> }) {
  const query = toSearchParams({ ...EVERY_CALL, tree, sort, dir });
  return (
    <ExportChoices
      noun="call"
      hasFilter={tree !== null}
      countHref={`/api/v1/llm-calls/count?${printFilterParams(tree)}`}
      hrefOf={(format, more = "") => `/api/v1/llm-calls/export?${query}${query.size > 0 ? "&" : ""}format=${format}${more}`}
    />
  );
}
