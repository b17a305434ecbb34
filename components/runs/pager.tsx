"use client";
import { ChevronLeft, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { PagerLink } from "#components/layout/pager";
import { JumpToTime } from "#components/runs/jump-to-time";
import { PageSize } from "#components/runs/page-size";
import { runsHref } from "#components/runs/runs-href";
import { isTimeSort, type RunsView } from "#lib/runs/fields";
import type { RunsFilter } from "#lib/runs/address";

/** One page back, one page on; there is no last page to jump to, since nobody counts to it. */
export function Pager({ filter, view, shown, total, prevCursor, nextCursor }: { filter: RunsFilter; view: RunsView; shown: number; total: ReactNode; prevCursor: string | null; nextCursor: string | null }) {
  const byTime = isTimeSort(filter.sort) && filter.dir === "desc";
  const at = (cursor: string | null) => (cursor ? runsHref({ ...filter, cursor }, view) : null);
  return (
    <nav aria-label="Pages of runs" className="flex flex-wrap items-center justify-between gap-3 px-4 py-3 text-sm text-ink-soft sm:px-6">
      <span>
        {shown} {shown === 1 ? "run" : "runs"} on this page{total}
      </span>
      <span className="flex gap-2">
        <PageSize filter={filter} view={view} />
        {isTimeSort(filter.sort) && <JumpToTime filter={filter} view={view} />}
        <PagerLink href={at(prevCursor)}>
          <ChevronLeft aria-hidden className="size-4" /> {byTime ? "Newer" : "Previous"}
        </PagerLink>
        <PagerLink href={at(nextCursor)}>
          {byTime ? "Older" : "Next"} <ChevronRight aria-hidden className="size-4" />
        </PagerLink>
      </span>
    </nav>
  );
}
