import { SearchX } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { EmptyState } from "#components/layout/empty-state";
import { buttonClass } from "#components/ui/button";

export default function NoSuchPrompt() {
  return (
    <EmptyState level="h1" icon={<SearchX />} title="There is no such prompt" action={<Link href={"/ai-audit/prompts" as Route} className={buttonClass("primary")}>Show all prompts</Link>}>
      No pipeline declares a prompt of this name, and no call was made with one. The address may be incomplete.
    </EmptyState>
  );
}
