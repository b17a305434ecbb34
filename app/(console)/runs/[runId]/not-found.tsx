import { SearchX } from "lucide-react";
import Link from "next/link";
import { EmptyState } from "#components/layout/empty-state";
import { buttonClass } from "#components/ui/button";

export default function NoSuchRun() {
  return (
    <EmptyState level="h1" icon={<SearchX />} title="There is no such run" action={<Link href="/runs" className={buttonClass("primary")}>Show all runs</Link>}>
      No run has this number. It may have been deleted when its time was over, or the address may be incomplete.
    </EmptyState>
  );
}
