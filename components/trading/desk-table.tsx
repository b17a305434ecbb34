import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { PagerLink } from "#components/layout/pager";
import { classNames } from "#components/ui/class-names";

/** A column: how its cell is drawn, and from which width of the window on. The first names the row. */
export type DeskColumn<T> = { head: string; cell: (row: T) => ReactNode; right?: true; from?: "sm" | "md" | "lg" | "xl"; className?: string };

const FROM = { sm: "max-sm:hidden", md: "max-md:hidden", lg: "max-lg:hidden", xl: "max-xl:hidden" } as const;
const CELL = "border-t px-2 py-1.5 align-top first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6";

/** Rows under their heads; on a narrow window the columns that matter least are left out. */
export function DeskTable<T extends { id: number }>({ label, columns, rows }: { label: string; columns: DeskColumn<T>[]; rows: T[] }) {
  const look = ({ right, from, className }: DeskColumn<T>) => classNames(CELL, right && "text-right tabular-nums", from && FROM[from], className);
  return (
    <table aria-label={label} className="w-full border-b text-left text-sm">
      <thead className="text-xs text-ink-soft">
        <tr>{columns.map((column) => <th key={column.head} scope="col" className={classNames(look(column), "border-t-0 font-semibold whitespace-nowrap")}>{column.head}</th>)}</tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} className="hover:bg-hover has-[a:focus-visible]:bg-hover">
            {columns.map((column, index) => (index === 0 ? <th key={column.head} scope="row" className={classNames(look(column), "font-normal")}>{column.cell(row)}</th> : <td key={column.head} className={look(column)}>{column.cell(row)}</td>))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The run that a row came from. */
export function RunLink({ runId }: { runId: number | null }) {
  if (runId === null) return <span className="text-ink-soft">–</span>;
  return <Link href={`/runs/${runId}`} className="-my-0.5 inline-block min-h-6 font-mono leading-6 text-accent hover:underline">#{runId}</Link>;
}

type Asked = Record<string, string | number | undefined>;

/** The list with what it is narrowed to, from `before` on. */
export function deskHref(path: string, asked: Asked, before?: number): Route {
  const params = new URLSearchParams(Object.entries(asked).flatMap(([name, value]) => (value === undefined || value === "" ? [] : [[name, String(value)]])));
  if (before !== undefined) params.set("before", String(before));
  return (params.size > 0 ? `${path}?${params}` : path) as Route;
}

/** To what is older, and back to the newest; nothing where everything is on the page. */
export function DeskPager({ label, path, asked, next, isFirst }: { label: string; path: string; asked: Asked; next: number | null; isFirst: boolean }) {
  if (next === null && isFirst) return null;
  return (
    <nav aria-label={label} className="flex justify-end gap-2 px-4 py-3 sm:px-6">
      <PagerLink href={isFirst ? null : deskHref(path, asked)}>Newest</PagerLink>
      <PagerLink href={next === null ? null : deskHref(path, asked, next)}>Older</PagerLink>
    </nav>
  );
}
