import { ChevronLeft, ChevronRight } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { runsHref } from "#components/runs/runs-href";
import { buttonClass } from "#components/ui/button";
import type { RunsFilter } from "#lib/runs/filter";

/** One page back, one page on; there is no last page to jump to, since nobody counts to it. */
export function Pager({ filter, shown, prevCursor, nextCursor }: { filter: RunsFilter; shown: number; prevCursor: string | null; nextCursor: string | null }) {
  const byTime = filter.sort === "started" && filter.dir === "desc";
  return (
    <nav aria-label="Pages of runs" className="flex items-center justify-between gap-3 px-4 py-3 text-sm text-ink-soft sm:px-6">
      <span>
        {shown} {shown === 1 ? "run" : "runs"} on this page{nextCursor ? ", more follow" : ""}
      </span>
      <span className="flex gap-2">
        <PagerLink filter={filter} cursor={prevCursor}>
          <ChevronLeft aria-hidden className="size-4" /> {byTime ? "Newer" : "Previous"}
        </PagerLink>
        <PagerLink filter={filter} cursor={nextCursor}>
          {byTime ? "Older" : "Next"} <ChevronRight aria-hidden className="size-4" />
        </PagerLink>
      </span>
    </nav>
  );
}

function PagerLink({ filter, cursor, children }: { filter: RunsFilter; cursor: string | null; children: ReactNode }) {
  const className = buttonClass("plain", "sm");
  if (!cursor) {
    return (
      <span aria-disabled className={className}>
        {children}
      </span>
    );
  }
  return (
    <Link href={runsHref({ ...filter, cursor })} className={className}>
      {children}
    </Link>
  );
}
