"use client";
import { ChevronLeft, ChevronRight } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { buttonClass } from "#components/ui/button";

/** One page back, one page on; there is no last page to jump to, since nobody counts to it. Null: there is none that way. */
export function Pager({ label, children, prev, next }: { label: string; children: ReactNode; prev: { href: Route | null; word: string }; next: { href: Route | null; word: string } }) {
  return (
    <nav aria-label={label} className="flex items-center justify-between gap-3 px-4 py-3 text-sm text-ink-soft sm:px-6">
      <span>{children}</span>
      <span className="flex gap-2">
        <PagerLink href={prev.href}>
          <ChevronLeft aria-hidden className="size-4" /> {prev.word}
        </PagerLink>
        <PagerLink href={next.href}>
          {next.word} <ChevronRight aria-hidden className="size-4" />
        </PagerLink>
      </span>
    </nav>
  );
}

/** A page to go to, or where there is none its dimmed word. */
export function PagerLink({ href, children }: { href: Route | null; children: ReactNode }) {
  const className = buttonClass("plain", "sm");
  if (!href) {
    return (
      <span aria-disabled className={className}>
        {children}
      </span>
    );
  }
  return (
    <Link href={href} className={className}>
      {children}
    </Link>
  );
}
