"use client";
import { Skeleton } from "#components/ui/skeleton";

const FACTS = Array.from({ length: 6 }, (_, n) => `fact ${n}`);
const ROWS = Array.from({ length: 12 }, (_, n) => `row ${n}`);

export default function RunLoading() {
  return (
    <div aria-busy>
      <p className="sr-only" role="status">Loading the run</p>
      <div className="px-4 pt-5 pb-4 sm:px-6">
        <Skeleton className="h-7 w-64 max-w-full" />
        <Skeleton className="mt-2 h-5 w-32" />
      </div>
      <div className="grid grid-cols-2 gap-x-6 gap-y-3 border-y px-4 py-4 sm:grid-cols-3 sm:px-6 xl:grid-cols-6">
        {FACTS.map((fact) => (
          <Skeleton key={fact} className="h-9" />
        ))}
      </div>
      <div className="flex flex-col gap-2 px-4 pt-4 sm:px-6">
        <Skeleton className="mb-2 h-6 w-80 max-w-full" />
        {ROWS.map((row) => (
          <Skeleton key={row} className="h-5" />
        ))}
      </div>
    </div>
  );
}
