import { ChevronLeft, ChevronRight } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { JumpToTime } from "#components/runs/jump-to-time";
import { PageSize } from "#components/runs/page-size";
import { runsHref } from "#components/runs/runs-href";
import { buttonClass } from "#components/ui/button";
import { isTimeSort, type RunsView } from "#lib/runs/fields";
import type { RunsFilter } from "#lib/runs/filter";

/** One page back, one page on; there is no last page to jump to, since nobody counts to it. */
export function Pager({ filter, view, shown, total, prevCursor, nextCursor }: { filter: RunsFilter; view: RunsView; shown: number; total: ReactNode; prevCursor: string | null; nextCursor: string | null }) {
  const byTime = isTimeSort(filter.sort) && filter.dir === "desc";
  return (
    <nav aria-label="Pages of runs" className="flex flex-wrap items-center justify-between gap-3 px-4 py-3 text-sm text-ink-soft sm:px-6">
      <span>
        {shown} {shown === 1 ? "run" : "runs"} on this page{total}
      </span>
      <span className="flex gap-2">
        <PageSize filter={filter} view={view} />
        {isTimeSort(filter.sort) && <JumpToTime filter={filter} view={view} />}
        <PagerLink filter={filter} view={view} cursor={prevCursor}>
          <ChevronLeft aria-hidden className="size-4" /> {byTime ? "Newer" : "Previous"}
        </PagerLink>
        <PagerLink filter={filter} view={view} cursor={nextCursor}>
          {byTime ? "Older" : "Next"} <ChevronRight aria-hidden className="size-4" />
        </PagerLink>
      </span>
    </nav>
  );
}

function PagerLink({ filter, view, cursor, children }: { filter: RunsFilter; view: RunsView; cursor: string | null; children: ReactNode }) {
  const className = buttonClass("plain", "sm");
  if (!cursor) {
    return (
      <span aria-disabled className={className}>
        {children}
      </span>
    );
  }
  return (
    <Link href={runsHref({ ...filter, cursor }, view)} className={className}>
      {children}
    </Link>
  );
}
