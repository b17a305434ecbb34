import { SearchX } from "lucide-react";
import Link from "next/link";
import { EmptyState } from "#components/layout/empty-state";
import { buttonClass } from "#components/ui/button";

export default function NoSuchJob() {
  return (
    <EmptyState level="h1" icon={<SearchX />} title="There is no such backtest" action={<Link href="/backtests" className={buttonClass("primary")}>Show the backtests</Link>}>
      No job has this id. Finished jobs are deleted after 30 days unless a portfolio stands on them, or the address is incomplete.
    </EmptyState>
  );
}
