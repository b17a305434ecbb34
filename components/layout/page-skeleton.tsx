"use client";
import { Skeleton } from "#components/ui/skeleton";

const PANES = Array.from({ length: 6 }, (_, n) => `pane ${n}`);

/** A heading and a few panes: the shape of the pages that are no list. */
export function PageSkeleton() {
  return (
    <div aria-busy className="px-4 pt-5 sm:px-6">
      <p className="sr-only" role="status">
        Loading
      </p>
      <Skeleton className="h-7 w-48" />
      <Skeleton className="mt-2 h-5 w-80 max-w-full" />
      <div className="mt-6 grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
        {PANES.map((pane) => (
          <Skeleton key={pane} className="h-36" />
        ))}
      </div>
    </div>
  );
}
