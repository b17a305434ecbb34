"use client";
import { ChevronDown, ChevronUp, X } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { type ReactNode, useEffect } from "react";
import { Button, buttonClass } from "#components/ui/button";

type Props = { name: string; noun: string; href: Route; show: (id: number | null) => void; previous: number | null; next: number | null; children: ReactNode };

/** What stands beside a list when one looks into a row: to the rows before and after, open, close (also by Escape). */
export function PeekFrame({ name, noun, href, show, previous, next, children }: Props) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && show(null);
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [show]);
  return (
    <aside aria-label={`${noun.charAt(0).toUpperCase()}${noun.slice(1)} ${name.replace("#", "")}`} className="fixed top-(--top-bar) right-0 bottom-0 z-30 w-112 max-w-full overflow-y-auto border-l bg-surface shadow-float max-sm:bottom-[calc(3.5rem+1px+env(safe-area-inset-bottom))]">
      <div className="sticky top-0 z-10 flex items-center gap-1 border-b bg-surface px-4 py-2">
        <h2 className="mr-auto font-mono font-semibold">{name}</h2>
        <Button look="quiet" size="icon" aria-label={`Previous ${noun}`} disabled={previous === null} onClick={() => show(previous)}><ChevronUp aria-hidden className="size-4" /></Button>
        <Button look="quiet" size="icon" aria-label={`Next ${noun}`} disabled={next === null} onClick={() => show(next)}><ChevronDown aria-hidden className="size-4" /></Button>
        <Link href={href} className={buttonClass("primary", "sm")}>Open {noun}</Link>
        <Button look="quiet" size="icon" aria-label="Close" onClick={() => show(null)}><X aria-hidden className="size-4" /></Button>
      </div>
      <div className="grid gap-4 p-4">{children}</div>
    </aside>
  );
}
