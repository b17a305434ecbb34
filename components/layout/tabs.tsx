"use client";
import type { Route } from "next";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useEffect, useRef } from "react";
import { classNames } from "#components/ui/class-names";

/** The parts of a page: a row that scrolls to where one is; with `beside`, on a wide window a list at the side. */
export function Tabs({ label, tabs, beside = false }: { label: string; tabs: readonly (readonly [href: Route, word: string])[]; beside?: boolean }) {
  const pathname = usePathname();
  const here = useRef<HTMLAnchorElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is another place in the row
  useEffect(() => {
    // Some browsers answer with a promise, which an effect must not return.
    void here.current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [pathname]);
  return (
    <nav aria-label={label} className={classNames("border-b text-sm [&+section]:border-t-0", beside && "lg:w-44 lg:shrink-0 lg:border-r lg:border-b-0")}>
      <ul className={classNames("flex gap-4 overflow-x-auto px-4 sm:px-6", beside && "lg:sticky lg:top-(--top-bar) lg:flex-col lg:gap-0.5 lg:p-2 lg:pt-4")}>
        {tabs.map(([href, word]) => (
          <li key={href} className="shrink-0">
            <Link
              ref={pathname === href ? here : undefined}
              href={href}
              aria-current={pathname === href ? "page" : undefined}
              className={classNames("-mb-px flex h-9 items-center border-b-2 border-transparent text-ink-soft hover:text-ink aria-[current=page]:border-accent aria-[current=page]:font-semibold aria-[current=page]:text-ink", beside && "lg:mb-0 lg:h-8 lg:rounded-md lg:border-b-0 lg:px-2.5 lg:hover:bg-hover lg:aria-[current=page]:bg-accent-wash lg:aria-[current=page]:text-accent")}
            >
              {word}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
