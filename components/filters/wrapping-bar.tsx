"use client";
import { type ReactNode, useEffect, useRef } from "react";

/** What a list is narrowed by, above it. The table's header sticks below the bar, which wraps as conditions come. */
export function WrappingBar({ children }: { children: ReactNode }) {
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => document.documentElement.style.setProperty("--filter-bar", `${Math.round(entry?.target.getBoundingClientRect().height ?? 0)}px`));
    if (bar.current) observer.observe(bar.current);
    return () => observer.disconnect();
  }, []);
  return <section ref={bar} aria-label="Filters" className="border-b px-4 sm:px-6">{children}</section>;
}
