"use client";
import { useTable } from "@tanstack/react-table";
import { ArrowDown, ArrowUp } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type MouseEvent, useRef, useState } from "react";
import { useRowKeys } from "#components/layout/row-keys";
import { useHeldRows } from "#components/runs/held-rows";
import { useRowGlow } from "#components/runs/row-glow";
import { columnClass, isField, RUN_COLUMNS, runFeatures } from "#components/runs/run-columns";
import { runsHref } from "#components/runs/runs-href";
import { Button } from "#components/ui/button";
import { classNames } from "#components/ui/class-names";
import { RUN_FIELDS, type RunSort } from "#lib/runs/fields";
import type { RunsFilter } from "#lib/runs/filter";
import type { RunRow } from "#lib/runs/queries";

const rowId = (run: RunRow): string => String(run.id);

/** Runs as a table. With `filter` its headers sort (the address changes); without, it is a short list such as the dashboard's. */
export function RunsTable({ rows, filter, label }: { rows: RunRow[]; filter?: RunsFilter; label: string }) {
  const router = useRouter();
  const body = useRef<HTMLTableSectionElement>(null);
  const [hovered, setHovered] = useState(false);
  const { shown, heldBack, release } = useHeldRows(rows, hovered, filter ? runsHref(filter) : "");
  const table = useTable({ features: runFeatures, columns: RUN_COLUMNS, data: shown, getRowId: rowId });
  useRowKeys(body);
  useRowGlow(body, shown);

  /** The whole row leads to its run, for the mouse; the keyboard has the link in it. Selecting text is no click. */
  function onRowClick(event: MouseEvent, runId: number) {
    if (event.defaultPrevented || window.getSelection()?.toString()) return;
    if (event.target instanceof Element && event.target.closest("a, button")) return;
    if (event.metaKey || event.ctrlKey) window.open(`/runs/${runId}`, "_blank");
    else router.push(`/runs/${runId}`);
  }

  return (
    // The button below counts too: rows that moved as the pointer reached it would be clicked in its place.
    <div className="relative" onPointerEnter={(event) => setHovered(event.pointerType === "mouse")} onPointerLeave={() => setHovered(false)}>
      {heldBack > 0 && (
        <div className="absolute inset-x-0 top-9 z-20 flex justify-center">
          <Button look="primary" size="sm" className="shadow-float" onClick={release}>
            Show {heldBack} new {heldBack === 1 ? "run" : "runs"}
          </Button>
        </div>
      )}
      <table aria-label={label} className="w-full table-fixed border-separate border-spacing-0 text-sm">
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header) => (
                <HeaderCell key={header.id} id={header.id} filter={filter} />
              ))}
            </tr>
          ))}
        </thead>
        <tbody ref={body}>
          {table.getRowModel().rows.map((row) => (
            <tr
              key={row.id}
              data-run={row.id}
              onClick={(event) => onRowClick(event, row.original.id)}
              className="cursor-pointer hover:bg-hover has-[a:focus-visible]:bg-hover"
            >
              {row.getAllCells().map((cell) => (
                <td key={cell.id} className={classNames("h-9 border-b px-2 py-1 first:pl-4 last:pr-4 sm:h-8 sm:first:pl-6 sm:last:pr-6", columnClass(cell.column.id))}>
                  <table.FlexRender cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function HeaderCell({ id, filter }: { id: string; filter?: RunsFilter }) {
  if (!isField(id)) return null;
  const { label, description, sort } = RUN_FIELDS[id];
  const sorted = filter && sort === filter.sort ? filter.dir : null;
  return (
    <th
      scope="col"
      aria-sort={sorted === "asc" ? "ascending" : sorted === "desc" ? "descending" : undefined}
      title={description}
      className={classNames(
        "z-10 h-8 border-b bg-ground px-2 text-xs font-semibold text-ink-soft first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6",
        filter && "sticky top-[calc(var(--top-bar)+var(--filter-bar))]",
        columnClass(id),
      )}
    >
      {filter && sort ? <SortLink filter={filter} sort={sort} label={label} sorted={sorted} /> : label}
    </th>
  );
}

/** A first click sorts the way one mostly wants (newest, most; names from A), a second turns it round. */
function SortLink({ filter, sort, label, sorted }: { filter: RunsFilter; sort: RunSort; label: string; sorted: "asc" | "desc" | null }) {
  const first = sort === "started" || sort === "items" ? "desc" : "asc";
  const dir = sorted === null ? first : sorted === "asc" ? "desc" : "asc";
  return (
    <Link
      href={runsHref({ ...filter, sort, dir, cursor: null })}
      scroll={false}
      className="inline-flex min-h-6 items-center gap-1 hover:text-ink hover:underline aria-[current]:text-ink"
      aria-current={sorted ? "true" : undefined}
    >
      {label}
      {sorted === "asc" && <ArrowUp aria-hidden className="size-3" />}
      {sorted === "desc" && <ArrowDown aria-hidden className="size-3" />}
    </Link>
  );
}
