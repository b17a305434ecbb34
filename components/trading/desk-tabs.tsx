"use client";
import type { Route } from "next";
import Link from "next/link";
import { usePathname } from "next/navigation";

const TABS = [["/trading", "Desk"], ["/workflow", "Agent workflow"], ["/trading/journal", "Journal"], ["/trading/trades", "Trades"], ["/trading/accounts", "Accounts"], ["/trading/strategies", "Strategies"]] as const;

/** The parts of the trading desk. */
export function DeskTabs() {
  const pathname = usePathname();
  return (
    <nav aria-label="Parts of the trading desk" className="flex gap-4 overflow-x-auto border-b px-4 text-sm sm:px-6">
      {TABS.map(([href, word]) => (
        <Link
          key={href}
          href={href as Route}
          aria-current={pathname === href ? "page" : undefined}
          className="-mb-px inline-flex h-9 items-center border-b-2 border-transparent whitespace-nowrap text-ink-soft hover:text-ink aria-[current=page]:border-accent aria-[current=page]:font-semibold aria-[current=page]:text-ink"
        >
          {word}
        </Link>
      ))}
    </nav>
  );
}
