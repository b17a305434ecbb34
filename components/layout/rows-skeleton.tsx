"use client";
import type { ReactNode } from "react";
import { PageHeader } from "#components/layout/page-header";
import { Skeleton } from "#components/ui/skeleton";

/** A list that is on its way: its heading, its tabs and its bar where it has them, and rows that one drawing repeats, since it is drawn with every page. */
export function RowsSkeleton({ title, label, tabs, hasBar = true }: { title: string; label: string; tabs?: ReactNode; hasBar?: boolean }) {
  return (
    <div aria-busy>
      <PageHeader title={title}><Skeleton className="h-5 w-80 max-w-full" /></PageHeader>
      {tabs}
      {hasBar && (
        <div className={`flex h-[calc(var(--filter-bar)+2px)] items-center border-b px-4 sm:px-6 ${tabs ? "" : "border-t"}`}>
          <Skeleton className="h-7 w-80 max-w-full" />
        </div>
      )}
      <p className="sr-only" role="status">{label}</p>
      <div aria-hidden className="rows-skeleton h-96 animate-appear max-sm:-ml-2" />
    </div>
  );
}
