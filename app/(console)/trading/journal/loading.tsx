import { RowsSkeleton } from "#components/layout/rows-skeleton";
import { DeskTabs } from "#components/trading/desk-tabs";

export default function JournalLoading() {
  return <RowsSkeleton title="Journal" label="Loading the journal" tabs={<DeskTabs />} />;
}
