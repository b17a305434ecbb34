import { SearchX } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { EmptyState } from "#components/layout/empty-state";
import { buttonClass } from "#components/ui/button";

export const metadata: Metadata = { title: "No such page" };

export default function NoSuchPage() {
  return (
    <EmptyState level="h1" icon={<SearchX />} title="There is no such page" action={<Link href="/" className={buttonClass("primary")}>Go to the dashboard</Link>}>
      The address may be incomplete, or of a page that this version does not have.
    </EmptyState>
  );
}
