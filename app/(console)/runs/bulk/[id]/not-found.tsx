import { SearchX } from "lucide-react";
import Link from "next/link";
import { EmptyState } from "#components/layout/empty-state";
import { buttonClass } from "#components/ui/button";

export default function NoSuchBulk() {
  return (
    <EmptyState level="h1" icon={<SearchX />} title="There is no such bulk action" action={<Link href="/runs/bulk" className={buttonClass("primary")}>Show all bulk actions</Link>}>
      No bulk action has this number. The address may be incomplete.
    </EmptyState>
  );
}
