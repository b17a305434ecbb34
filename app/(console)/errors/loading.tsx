import { PageHeader } from "#components/layout/page-header";
import { Skeleton } from "#components/ui/skeleton";

const ROWS = Array.from({ length: 8 }, (_, n) => `row ${n}`);

export default function ErrorsLoading() {
  return (
    <div aria-busy>
      <PageHeader title="Errors">What fails, one line for each kind of failure.</PageHeader>
      <div className="flex h-[calc(var(--filter-bar)+2px)] items-center gap-1.5 border-y px-4 sm:px-6">
        <Skeleton className="h-7 w-16" />
        <Skeleton className="h-7 w-20" />
        <Skeleton className="h-7 w-56" />
      </div>
      <p className="sr-only" role="status">Loading errors</p>
      {ROWS.map((row) => (
        <div key={row} className="flex h-14 items-center gap-6 border-b px-4 sm:px-6">
          <Skeleton className="h-9 flex-1" />
          <Skeleton className="h-9 w-40 max-lg:hidden" />
          <Skeleton className="h-6 w-24 max-md:hidden" />
          <Skeleton className="h-4 w-12" />
          <Skeleton className="h-4 w-28 max-sm:hidden" />
        </div>
      ))}
    </div>
  );
}
