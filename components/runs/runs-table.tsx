"use client";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { memo, type MouseEvent, useMemo, useOptimistic, useRef, useState, useTransition } from "react";
import { useRowKeys } from "#components/layout/row-keys";
import type { CreateBulkAction } from "#components/runs/bulk-dialog";
import { useHeldRows } from "#components/runs/held-rows";
import { useRowGlow } from "#components/runs/row-glow";
import { CELL_CLASS, columnClass, RUN_CELLS, RUN_DATES, type TableRun } from "#components/runs/run-columns";
import { runsHref } from "#components/runs/runs-href";
import { usePeek } from "#components/runs/use-peek";
import { SelectionBar } from "#components/runs/selection-bar";
import { rememberView } from "#components/runs/view-memory";
import { HeaderCell, nextDirection } from "#components/table/header-cell";
import { useColumns } from "#components/table/use-columns";
import { Button } from "#components/ui/button";
import { classNames } from "#components/ui/class-names";
import { RUN_FIELDS, type RunFieldId, type RunsView } from "#lib/runs/fields";
import type { RunsFilter } from "#lib/runs/address";
import { type Packed, unpack } from "#lib/table/packed";

/** Loaded when a run is first looked into. */
const PeekPanel = dynamic(async () => (await import("#components/runs/peek-panel")).PeekPanel, { ssr: false });
const CHECK_CELL = "w-12 pl-6 max-sm:hidden";

/** Runs as a table: sorted by its headers (the address changes), walked, looked into and picked by mouse or keyboard. */
export function RunsTable({ packed, filter, view: known, startBulk, label }: { packed: Packed<TableRun>; filter: RunsFilter; view: RunsView; startBulk: CreateBulkAction; label: string }) {
  const router = useRouter();
  const rows = useMemo(() => unpack(packed, RUN_DATES), [packed]);
  const body = useRef<HTMLTableSectionElement>(null);
  const lastPicked = useRef<number | null>(null);
  const [picked, setPicked] = useState<Record<string, boolean>>({});
  const [, startTransition] = useTransition();
  // A width is kept at once; the address follows when the server has drawn the table.
  const [view, setView] = useOptimistic(known);
  // New runs say that they are there instead of moving what one reads.
  const { shown, heldBack, release } = useHeldRows(rows, true, runsHref(filter));
  const { columns, rows: drawn } = useColumns(RUN_FIELDS, view, shown, (next) => {
    rememberView(next);
    startTransition(() => {
      setView(next);
      router.replace(runsHref(filter, next), { scroll: false });
    });
  });
  const peek = usePeek(shown.map(({ id }) => id));
  useRowGlow(body, shown);
  useRowKeys(body, (key, runId) => (key === "o" ? peek.toggle(runId) : pick(runId, !picked[runId], false)));

  /** Picks one run, or (with shift) all from the last one on. */
  function pick(runId: number, on: boolean, range: boolean) {
    const ids = shown.map(({ id }) => id);
    const [a, b] = [ids.indexOf(lastPicked.current ?? runId), ids.indexOf(runId)];
    const span = range && a >= 0 ? ids.slice(Math.min(a, b), Math.max(a, b) + 1) : [runId];
    lastPicked.current = runId;
    setPicked((old) => Object.fromEntries(Object.entries({ ...old, ...Object.fromEntries(span.map((id) => [id, on])) }).filter(([, is]) => is)));
  }

  /** One listener for all rows. A row leads to its run, for the mouse; the keyboard has the link in it. Selecting text is no click, and a link with a modifier is the browser's. */
  function onBodyClick(event: MouseEvent) {
    const target = event.target instanceof Element ? event.target : null;
    const runId = Number(target?.closest("tr")?.dataset.run);
    if (event.defaultPrevented || !target || !runId) return;
    if (target instanceof HTMLInputElement) return pick(runId, !picked[runId], event.shiftKey);
    const link = target.closest("a");
    if (link ? event.metaKey || event.ctrlKey || event.shiftKey || event.altKey : window.getSelection()?.toString()) return;
    if (link) {
      event.preventDefault();
      router.push(`/runs/${runId}`);
    } else if (event.metaKey || event.ctrlKey) window.open(`/runs/${runId}`, "_blank");
    else if (event.shiftKey) pick(runId, true, true);
    else if (peek.runId !== null) peek.show(runId);
    else router.push(`/runs/${runId}`);
  }

  const ids = Object.keys(picked).map(Number);
  const allPicked = shown.length > 0 && shown.every(({ id }) => picked[id]);
  return (
    <div className={classNames("relative", peek.runId !== null && "lg:pr-112")}>
      {heldBack > 0 && (
        <div className="sticky top-[calc(var(--top-bar)+var(--filter-bar)+2.5rem)] z-20 flex h-0 justify-center overflow-visible">
          <Button look="primary" size="sm" className="shadow-float" onClick={release}>
            Show {heldBack} new {heldBack === 1 ? "run" : "runs"}
          </Button>
        </div>
      )}
      <table aria-label={label} className="runs-table w-full table-fixed border-separate border-spacing-0 text-sm" data-density={view.density}>
        <thead>
          <tr>
            <th scope="col" className={classNames("sticky top-[calc(var(--top-bar)+var(--filter-bar))] z-10 h-8 border-b bg-ground text-left", CHECK_CELL)}>
              <input type="checkbox" aria-label="Pick every run on this page" checked={allPicked} onChange={(event) => setPicked(event.target.checked ? Object.fromEntries(shown.map(({ id }) => [id, true])) : {})} className="size-3.5 align-middle accent-(--accent)" />
            </th>
            {columns.map(({ id, width, startDrag }) => (
              <HeaderCell key={id} {...headerOf(id, filter, view)} width={width} onDrag={startDrag} />
            ))}
          </tr>
        </thead>
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: for the mouse alone; the keyboard has each row's link and box */}
        <tbody ref={body} onClick={onBodyClick}>
          {drawn.map((run) => (
            <BodyRow key={run.id} run={run} view={view} isPicked={picked[run.id] ?? false} isPeeked={peek.runId === run.id} />
          ))}
        </tbody>
      </table>
      {ids.length > 0 && <SelectionBar ids={ids} startBulk={startBulk} onClear={() => setPicked({})} />}
      {peek.runId !== null && <PeekPanel {...peek} runId={peek.runId} />}
    </div>
  );
}

type BodyRowProps = { run: TableRun; view: RunsView; isPicked: boolean; isPeeked: boolean };

/** Drawn anew only when something of its own has changed: of 500 rows a tick touches one. */
const BodyRow = memo(function BodyRow({ run, view, isPicked, isPeeked }: BodyRowProps) {
  return (
    <tr data-run={run.id} className={isPicked || isPeeked ? "bg-accent-wash" : undefined}>
      <td className="max-sm:hidden">
        <input type="checkbox" aria-label={`Pick run ${run.id}`} checked={isPicked} readOnly />
      </td>
      {view.columns.map(({ id }) => (
        <td key={id} className={CELL_CLASS[id]}>
          {RUN_CELLS[id](run)}
        </td>
      ))}
    </tr>
  );
});

/** What its header says and where a click leads. */
function headerOf(id: RunFieldId, filter: RunsFilter, view: RunsView) {
  const { label, description, sort } = RUN_FIELDS[id];
  const sorted = sort !== null && sort === filter.sort ? filter.dir : null;
  const href = sort && runsHref({ ...filter, sort, dir: nextDirection(sorted, sort === "stage" || sort === "status"), cursor: null }, view);
  return { label, description, sorted, href, className: classNames(columnClass(id), id === "id" && "max-sm:pl-4") };
}
