import { PageHeader } from "#components/layout/page-header";
import { Skeleton } from "#components/ui/skeleton";

const ROWS = Array.from({ length: 12 }, (_, n) => `row ${n}`);

export default function RunsLoading() {
  return (
    <div aria-busy>
      <PageHeader title="Runs">Every execution of every stage, newest first.</PageHeader>
      <div className="flex h-[calc(var(--filter-bar)+2px)] items-center gap-1.5 border-y px-4 sm:px-6">
        <Skeleton className="h-7 w-20" />
        <Skeleton className="h-7 w-20" />
      </div>
      <p className="sr-only" role="status">Loading runs</p>
      {ROWS.map((row) => (
        <div key={row} className="flex h-9 items-center gap-6 border-b px-4 sm:h-8 sm:px-6">
          <Skeleton className="h-4 w-14" />
          <Skeleton className="h-4 w-40" />
          <Skeleton className="h-4 w-24" />
          <Skeleton className="h-4 w-28 max-sm:hidden" />
          <Skeleton className="h-4 w-16 max-sm:hidden" />
        </div>
      ))}
    </div>
  );
}
