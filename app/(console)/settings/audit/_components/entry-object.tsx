import type { Route } from "next";
import Link from "next/link";

const PAGE_OF: Record<string, string> = { run: "/runs", schedule: "/schedules", error: "/errors", bulk: "/runs/bulk", llm_call: "/ai-audit" };

/** What was acted on, with the way there where it has a page. It may be gone by now. */
export function EntryObject({ object }: { object: string }) {
  const [, noun = "", id] = /^([a-z_]+)\/(\d{1,15})$/.exec(object) ?? [];
  const page = PAGE_OF[noun];
  if (!page || !id) return <span className="font-mono text-xs text-ink-soft [overflow-wrap:anywhere]">{object}</span>;
  return <Link href={`${page}/${id}` as Route} className="-my-0.5 inline-block min-h-6 font-mono text-xs leading-6 text-accent hover:underline">{object}</Link>;
}
