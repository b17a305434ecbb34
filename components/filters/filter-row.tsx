"use client";
import { X } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { AddFilter } from "#components/filters/add-filter";
import { type FilteredPage, filterHref } from "#components/filters/filter-href";
import { ShareMenu } from "#components/filters/share-menu";
import { TimeMenu } from "#components/filters/time-menu";
import { WrappingBar } from "#components/filters/wrapping-bar";
import { buttonClass } from "#components/ui/button";
import type { Fault } from "#lib/errors";
import { describeNode, without } from "#lib/filters/edit";
import { nodesOf } from "#lib/filters/tree";
import type { FilterTree } from "#lib/filters/filter";

/** What a list is narrowed to, whatever it is a list of: `menus` for its fields with few values, each condition to take away, and `more` beside them. */
export function FilterRow({ tree, page, menus, more, faults }: { tree: FilterTree | null; page: FilteredPage; menus: ReactNode; more?: ReactNode; faults: Fault[] }) {
  return (
    <WrappingBar>
      <div className="flex flex-wrap items-center gap-1.5 py-1.5">
        <TimeMenu tree={tree} page={page} />
        {menus}
        <AddFilter tree={tree} page={page} />
        <ShareMenu tree={tree} page={page} />
        {more}
        {nodesOf(tree).map((node, index) => {
          const { label, text } = describeNode(node);
          return (
            <Link
              // Two conditions may read the same; each is its own.
              // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no identity but their place
              key={`${index}:${label}:${text}`}
              href={filterHref(page, without(tree, index))}
              scroll={false}
              className="inline-flex h-7 max-w-80 items-center gap-1 rounded-md bg-accent-wash pr-1.5 pl-2 text-sm hover:bg-hover"
            >
              <span className="shrink-0 text-ink-soft">{label}</span>{" "}
              <span className="truncate font-medium" title={text}>{text}</span>
              <span className="sr-only">, remove this filter</span>
              <X aria-hidden className="size-3.5 shrink-0 text-ink-soft" />
            </Link>
          );
        })}
        {tree && (
          <Link href={filterHref(page, null)} scroll={false} className={buttonClass("quiet", "sm")}>
            Clear filters
          </Link>
        )}
      </div>
      {faults.length > 0 && (
        <p role="status" className="pb-2 text-sm text-partial">
          Part of the address could not be read and was left out: {faults.map(({ path, message }) => `${path} ${message}`).join("; ")}.
        </p>
      )}
    </WrappingBar>
  );
}
