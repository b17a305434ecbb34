import { SearchX } from "lucide-react";
import Link from "next/link";
import { EmptyState } from "#components/layout/empty-state";
import { buttonClass } from "#components/ui/button";

export default function NoSuchError() {
  return (
    <EmptyState level="h1" icon={<SearchX />} title="There is no such error" action={<Link href="/errors" className={buttonClass("primary")}>Show the errors</Link>}>
      No error group has this number. The address may be incomplete.
    </EmptyState>
  );
}
