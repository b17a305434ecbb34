import { SearchX } from "lucide-react";
import Link from "next/link";
import { EmptyState } from "#components/layout/empty-state";
import { buttonClass } from "#components/ui/button";

export default function NoSuchSchedule() {
  return (
    <EmptyState level="h1" icon={<SearchX />} title="There is no such schedule" action={<Link href="/schedules" className={buttonClass("primary")}>Show the schedules</Link>}>
      No schedule has this number. Somebody may have deleted it, or the address is incomplete.
    </EmptyState>
  );
}
