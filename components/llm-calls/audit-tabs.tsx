"use client";
import type { Route } from "next";
import Link from "next/link";
import { usePathname } from "next/navigation";

const TABS = [["/ai-audit", "Calls"], ["/ai-audit/usage", "Usage"], ["/ai-audit/prompts", "Prompts"], ["/ai-audit/prices", "Prices"]] as const;

/** The parts of the AI audit. */
export function AuditTabs() {
  const pathname = usePathname();
  return (
    <nav aria-label="Parts of the AI audit" className="flex gap-4 overflow-x-auto border-b px-4 text-sm sm:px-6 [&+section]:border-t-0">
      {TABS.map(([href, word]) => (
        <Link
          key={href}
          href={href as Route}
          aria-current={pathname === href ? "page" : undefined}
          className="-mb-px inline-flex h-9 items-center border-b-2 border-transparent text-ink-soft hover:text-ink aria-[current=page]:border-accent aria-[current=page]:font-semibold aria-[current=page]:text-ink"
        >
          {word}
        </Link>
      ))}
    </nav>
  );
}
