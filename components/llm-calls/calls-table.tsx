"use client";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { memo, type MouseEvent, useOptimistic, useRef, useTransition } from "react";
import { useRowKeys } from "#components/layout/row-keys";
import { CALL_CELL_CLASS, CALL_CELLS, callColumnClass } from "#components/llm-calls/call-columns";
import { callHref, callsHref } from "#components/llm-calls/calls-href";
import { rememberCallsView } from "#components/llm-calls/calls-view-memory";
import { useHeldRows } from "#components/runs/held-rows";
import { usePeek } from "#components/runs/use-peek";
import { HeaderCell, nextDirection } from "#components/table/header-cell";
import { useColumns } from "#components/table/use-columns";
import { Button } from "#components/ui/button";
import { classNames } from "#components/ui/class-names";
import { CALL_COLUMNS, type CallColumnId, type CallsView } from "#lib/llm-calls/fields";
import type { CallsFilter } from "#lib/llm-calls/address";
import type { CallRow } from "#lib/llm-calls/queries";

/** Loaded when a call is first looked into. */
const CallPeek = dynamic(async () => (await import("#components/llm-calls/call-peek")).CallPeek, { ssr: false });

/** Model calls as a table: sorted by its headers, walked and looked into by mouse or keyboard; new ones say that they are there. */
export function CallsTable({ rows, filter, view: known, label }: { rows: CallRow[]; filter: CallsFilter; view: CallsView; label: string }) {
  const router = useRouter();
  const body = useRef<HTMLTableSectionElement>(null);
  const [, startTransition] = useTransition();
  // A width is kept at once; the address follows when the server has drawn the table.
  const [view, setView] = useOptimistic(known);
  const { shown, heldBack, release } = useHeldRows(rows, true, callsHref(filter));
  const { columns, rows: drawn } = useColumns(CALL_COLUMNS, view, shown, (next) => {
    rememberCallsView(next);
    startTransition(() => {
      setView(next);
      router.replace(callsHref(filter, next), { scroll: false });
    });
  });
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
          <tr>{columns.map(({ id, width, startDrag }) => <HeaderCell key={id} {...headerOf(id, filter, view)} width={width} onDrag={startDrag} />)}</tr>
        </thead>
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: for the mouse alone; the keyboard has each row's link */}
        <tbody ref={body} onClick={onBodyClick}>
          {drawn.map((call) => <BodyRow key={call.id} call={call} view={view} isPeeked={peek.runId === call.id} />)}
        </tbody>
      </table>
      {peek.runId !== null && <CallPeek {...peek} callId={peek.runId} />}
    </div>
  );
}

/** Drawn anew only when something of its own has changed. */
const BodyRow = memo(function BodyRow({ call, view, isPeeked }: { call: CallRow; view: CallsView; isPeeked: boolean }) {
  return (
    <tr data-run={call.id} className={isPeeked ? "bg-accent-wash" : undefined}>
      {view.columns.map(({ id }) => <td key={id} className={CALL_CELL_CLASS[id]}>{CALL_CELLS[id](call)}</td>)}
    </tr>
  );
});

/** What its header says and where a click leads. */
function headerOf(id: CallColumnId, filter: CallsFilter, view: CallsView) {
  const { label, description, sort } = CALL_COLUMNS[id];
  const sorted = sort !== null && sort === filter.sort ? filter.dir : null;
  return { label, description, sorted, href: sort && callsHref({ ...filter, sort, dir: nextDirection(sorted, false), cursor: null }, view), className: callColumnClass(id) };
}
