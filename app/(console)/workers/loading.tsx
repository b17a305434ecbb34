import { PageHeader } from "#components/layout/page-header";
import { Skeleton } from "#components/ui/skeleton";

export default function WorkersLoading() {
  return (
    <div aria-busy>
      <PageHeader title="Workers">The processes that take units and run them: any number, on any number of machines.</PageHeader>
      <p className="sr-only" role="status">Loading workers</p>
      {["first", "second"].map((card) => (
        <div key={card} className="flex flex-col gap-3 border-t px-4 py-4 sm:px-6">
          <Skeleton className="h-6 w-64" />
          <Skeleton className="h-9 w-full max-w-3xl" />
        </div>
      ))}
    </div>
  );
}
