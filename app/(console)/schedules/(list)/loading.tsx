import { RowsSkeleton } from "#components/layout/rows-skeleton";

export default function SchedulesLoading() {
  return <RowsSkeleton title="Schedules" label="Loading schedules" hasBar={false} />;
}
