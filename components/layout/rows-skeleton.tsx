"use client";
import { Skeleton } from "#components/ui/skeleton";

/** A list that is on its way: its heading, its bar, and rows that one drawing repeats, since it is drawn with every page. */
export function RowsSkeleton({ title, label }: { title: string; label: string }) {
  return (
    <div aria-busy>
      <h1 className="px-4 pt-5 pb-4 text-title font-semibold sm:px-6">{title}</h1>
      <div className="flex h-[calc(var(--filter-bar)+2px)] items-center border-y px-4 sm:px-6">
        <Skeleton className="h-7 w-80 max-w-full" />
      </div>
      <p className="sr-only" role="status">{label}</p>
      <div aria-hidden className="rows-skeleton h-96 animate-appear" />
    </div>
  );
}
