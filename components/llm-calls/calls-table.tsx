"use client";
import { useTable } from "@tanstack/react-table";
import { useRouter } from "next/navigation";
import { memo, type MouseEvent, useMemo, useRef } from "react";
import { useRowKeys } from "#components/layout/row-keys";
import { CallPeek } from "#components/llm-calls/call-peek";
import { callCellClass, callColumnClass, callColumnsOf, callFeatures, isCallColumn } from "#components/llm-calls/call-columns";
import { callHref, callsHref } from "#components/llm-calls/calls-href";
import { rememberCallsView } from "#components/llm-calls/calls-view-memory";
import { useHeldRows } from "#components/runs/held-rows";
import { usePeek } from "#components/runs/peek-panel";
import { HeaderCell, nextDirection, whenResized } from "#components/table/header-cell";
import { Button } from "#components/ui/button";
import { classNames } from "#components/ui/class-names";
import { CALL_COLUMNS, type CallColumnId, type CallsView } from "#lib/llm-calls/fields";
import type { CallsFilter } from "#lib/llm-calls/filter";
import type { CallRow } from "#lib/llm-calls/queries";

const rowId = (call: CallRow): string => String(call.id);

/** Model calls as a table: sorted by its headers, walked and looked into by mouse or keyboard; new ones say that they are there. */
export function CallsTable({ rows, filter, view, label }: { rows: CallRow[]; filter: CallsFilter; view: CallsView; label: string }) {
  const router = useRouter();
  const body = useRef<HTMLTableSectionElement>(null);
  const columns = useMemo(() => callColumnsOf(view), [view]);
  const { shown, heldBack, release } = useHeldRows(rows, true, callsHref(filter));
  const table = useTable({ features: callFeatures, columns, data: shown, getRowId: rowId, columnResizeMode: "onChange" });
  const peek = usePeek(shown.map(({ id }) => id));
  useRowKeys(body, (key, callId) => key === "o" && peek.toggle(callId));

  /** One listener for all rows. A row leads to its call, for the mouse; the keyboard has the link in it. Selecting text is no click. */
  function onBodyClick(event: MouseEvent) {
    const target = event.target instanceof Element ? event.target : null;
    const callId = Number(target?.closest("tr")?.dataset.run);
    if (event.defaultPrevented || !target || !callId || window.getSelection()?.toString() || target.closest("a, button")) return;
    if (event.metaKey || event.ctrlKey) window.open(callHref(callId), "_blank");
    else if (peek.runId !== null) peek.show(callId);
    else router.push(callHref(callId));
  }

  return (
    <div className={classNames("relative", peek.runId !== null && "lg:pr-112")}>
      {heldBack > 0 && (
        <div className="sticky top-[calc(var(--top-bar)+var(--filter-bar)+2.5rem)] z-20 flex h-0 justify-center overflow-visible">
          <Button look="primary" size="sm" className="shadow-float" onClick={release}>
            Show {heldBack} new {heldBack === 1 ? "call" : "calls"}
          </Button>
        </div>
      )}
      <table aria-label={label} className="runs-table w-full table-fixed border-separate border-spacing-0 text-sm" data-density={view.density}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header) =>
                isCallColumn(header.id) ? (
                  <HeaderCell
                    key={header.id}
                    {...headerOf(header.id, filter, view)}
                    width={widthOf(header.id, view, header.getSize())}
                    onResize={(event) => {
                      header.getResizeHandler()(event);
                      whenResized(() => {
                        const next = { ...view, columns: view.columns.map((column) => (column.id === header.id ? { ...column, width: Math.round(header.getSize()) } : column)) };
                        rememberCallsView(next);
                        router.replace(callsHref(filter, next), { scroll: false });
                      });
                    }}
                  />
                ) : null,
              )}
            </tr>
          ))}
        </thead>
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: for the mouse alone; the keyboard has each row's link */}
        <tbody ref={body} onClick={onBodyClick}>
          {table.getRowModel().rows.map((row) => (
            <BodyRow key={row.id} row={row} render={table.FlexRender} isPeeked={peek.runId === row.original.id} />
          ))}
        </tbody>
      </table>
      {peek.runId !== null && <CallPeek {...peek} callId={peek.runId} />}
    </div>
  );
}

type Table = ReturnType<typeof useTable<typeof callFeatures, CallRow>>;
type BodyRowProps = { row: ReturnType<Table["getRowModel"]>["rows"][number]; render: Table["FlexRender"]; isPeeked: boolean };

const BodyRow = memo(function BodyRow({ row, render: Cell, isPeeked }: BodyRowProps) {
  return (
    <tr data-run={row.id} className={isPeeked ? "bg-accent-wash" : undefined}>
      {row.getAllCells().map((cell) => (
        <td key={cell.id} className={isCallColumn(cell.column.id) ? callCellClass(cell.column.id) : undefined}>
          <Cell cell={cell} />
        </td>
      ))}
    </tr>
  );
});

/** The last column without a width of its own takes what is left of the window. */
function widthOf(id: CallColumnId, view: CallsView, size: number): number | null {
  return CALL_COLUMNS[id].width === null && view.columns.find((column) => column.id === id)?.width == null && size === 240 ? null : size;
}

/** What its header says and where a click leads. */
function headerOf(id: CallColumnId, filter: CallsFilter, view: CallsView) {
  const { label, description, sort } = CALL_COLUMNS[id];
  const sorted = sort !== null && sort === filter.sort ? filter.dir : null;
  return { label, description, sorted, href: sort && callsHref({ ...filter, sort, dir: nextDirection(sorted, false), cursor: null }, view), className: callColumnClass(id) };
}
