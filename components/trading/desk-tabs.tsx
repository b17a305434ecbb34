"use client";
import type { Route } from "next";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useEffect, useRef } from "react";

const TABS = [["/trading", "Desk"], ["/workflow", "Agent workflow"], ["/trading/journal", "Journal"], ["/trading/trades", "Trades"], ["/trading/accounts", "Accounts"], ["/trading/strategies", "Strategies"]] as const;

/** The parts of the trading desk: on a narrow window a row that scrolls to where one is. */
export function DeskTabs() {
  const pathname = usePathname();
  const here = useRef<HTMLAnchorElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is another place in the row
  useEffect(() => {
    // Some browsers answer with a promise, which an effect must not return.
    void here.current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [pathname]);
  return (
    <nav aria-label="Parts of the trading desk" className="flex gap-4 overflow-x-auto border-b px-4 text-sm sm:px-6 [&+section]:border-t-0">
      {TABS.map(([href, word]) => (
        <Link
          key={href}
          ref={pathname === href ? here : undefined}
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
