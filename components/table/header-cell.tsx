import { ArrowDown, ArrowUp } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import type { CSSProperties, MouseEvent, TouchEvent } from "react";
import { classNames } from "#components/ui/class-names";
import { css } from "#components/ui/css";

type Props = {
  label: string;
  description: string;
  /** In px; null takes what is left. */
  width: number | null;
  sorted: "asc" | "desc" | null;
  /** Where the list is sorted by it, or the other way round; null where it cannot be. */
  href: Route | null;
  className: string;
  onDrag: (event: MouseEvent | TouchEvent) => void;
};

/** The header of a column: sorts by a click, is dragged to its width, and stays in sight. */
export function HeaderCell({ label, description, width, sorted, href, className, onDrag }: Props) {
  return (
    <th
      scope="col"
      aria-sort={sorted === "asc" ? "ascending" : sorted === "desc" ? "descending" : undefined}
      title={description}
      {...css({ "--w": width === null ? "auto" : `${width}px` } as CSSProperties)}
      className={classNames("group sticky top-[calc(var(--top-bar)+var(--filter-bar))] z-10 h-8 border-b bg-ground px-2 text-xs font-semibold text-ink-soft last:pr-4 sm:last:pr-6", className)}
    >
      {href ? (
        <Link href={href} scroll={false} className="inline-flex min-h-6 items-center gap-1 hover:text-ink hover:underline aria-[current]:text-ink" aria-current={sorted ? "true" : undefined}>
          {label}
          {sorted === "asc" && <ArrowUp aria-hidden className="size-3" />}
          {sorted === "desc" && <ArrowDown aria-hidden className="size-3" />}
        </Link>
      ) : (
        label
      )}
      {/* For the pointer only: widths are a nicety, and the column menu says what is shown. */}
      <span
        aria-hidden
        onMouseDown={onDrag}
        onTouchStart={onDrag}
        className="absolute touch-none top-1.5 right-0 h-5 w-1.5 cursor-col-resize rounded-sm opacity-0 group-hover:bg-line-strong group-hover:opacity-60 max-sm:hidden"
      />
    </th>
  );
}

/** A first click sorts the way one mostly wants (newest, most; names from A), a second turns it round. */
export const nextDirection = (sorted: "asc" | "desc" | null, isName: boolean): "asc" | "desc" => (sorted === null ? (isName ? "asc" : "desc") : sorted === "asc" ? "desc" : "asc");
