import { Bot, FilterX } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { EmptyState } from "#components/layout/empty-state";
import { buttonClass } from "#components/ui/button";

/** Nothing in a list: because of the filter, or because nothing has been yet. */
export function EmptyList({ path, isNarrowed, title, children }: { path: string; isNarrowed: boolean; title: string; children: ReactNode }) {
  if (isNarrowed) {
    return (
      <EmptyState icon={<FilterX />} title="Nothing matches" action={<Link href={path as Route} className={buttonClass("primary")}>Clear the filter</Link>}>
        Nothing here is of this account, symbol and kind, or the page lies beyond the oldest.
      </EmptyState>
    );
  }
  return <EmptyState icon={<Bot />} title={title} action={<Link href="/trading" className={buttonClass("primary")}>To the desk</Link>}>{children}</EmptyState>;
}
