import { SearchX } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { EmptyState } from "#components/layout/empty-state";
import { buttonClass } from "#components/ui/button";

export default function NoSuchCall() {
  return (
    <EmptyState level="h1" icon={<SearchX />} title="There is no such call" action={<Link href={"/ai-audit" as Route} className={buttonClass("primary")}>Show all calls</Link>}>
      No model call has this number. Retention may have removed it with its run, or the address may be incomplete.
    </EmptyState>
  );
}
