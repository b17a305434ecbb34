"use client";
import type { Route } from "next";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useEffect, useRef } from "react";

/** The parts of the settings: a list at the side, or on a narrow window a row that scrolls to where one is. */
export function SettingsNav({ pages }: { pages: { path: string; word: string }[] }) {
  const pathname = usePathname();
  const here = useRef<HTMLAnchorElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is another place in the row
  useEffect(() => {
    // Some browsers answer with a promise, which an effect must not return.
    void here.current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [pathname]);
  return (
    <nav aria-label="Parts of the settings" className="max-lg:border-b lg:w-44 lg:shrink-0 lg:border-r">
      <ul className="flex text-sm max-lg:gap-4 max-lg:overflow-x-auto max-lg:px-4 max-lg:sm:px-6 lg:sticky lg:top-(--top-bar) lg:flex-col lg:gap-0.5 lg:p-2 lg:pt-4">
        {pages.map(({ path, word }) => {
          const isHere = pathname === path || pathname.startsWith(`${path}/`);
          return (
            <li key={path} className="shrink-0">
              <Link
                ref={isHere ? here : undefined}
                href={path as Route}
                aria-current={isHere ? "page" : undefined}
                className="flex h-9 items-center text-ink-soft hover:text-ink aria-[current=page]:font-semibold max-lg:-mb-px max-lg:border-b-2 max-lg:border-transparent max-lg:aria-[current=page]:border-accent max-lg:aria-[current=page]:text-ink lg:h-8 lg:rounded-md lg:px-2.5 lg:hover:bg-hover lg:aria-[current=page]:bg-accent-wash lg:aria-[current=page]:text-accent"
              >
                {word}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
