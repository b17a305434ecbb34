"use client";
import { Search } from "lucide-react";
import type { Route } from "next";
import { useRouter, useSearchParams, usePathname } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { Kbd } from "#components/ui/kbd";

/** How long typing must rest, in milliseconds, before the list follows it. */
const REST_MS = 250;

/**
 * Searches the runs, and on the AI audit the calls. On the list itself it follows while you type (the address is replaced, Back is not littered)
 * and the other filters stay; from elsewhere, and on Enter, it is a step that Back undoes.
 */
export function SearchBox() {
  const router = useRouter();
  const pathname = usePathname();
  const list = pathname.startsWith("/ai-audit") ? "/ai-audit" : "/runs";
  const onList = pathname === list;
  const label = list === "/runs" ? "Search runs" : "Search calls";
  const params = useSearchParams();
  const inUrl = onList ? (params.get("q") ?? "") : "";
  const [text, setText] = useState(inUrl);
  const asked = useRef(inUrl);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  // The address changed by other means (Back, a removed filter): follow it, but never what is being typed.
  useEffect(() => {
    if (inUrl === asked.current) return;
    asked.current = inUrl;
    setText(inUrl);
  }, [inUrl]);
  useEffect(() => () => clearTimeout(timer.current), []);

  function go(q: string, how: "push" | "replace") {
    clearTimeout(timer.current);
    // As the address is now, not as it was when the key was struck: a filter may have gone since.
    const next = new URLSearchParams(onList ? location.search : undefined);
    next.delete("cursor");
    if (q.trim()) next.set("q", q.trim());
    else next.delete("q");
    asked.current = q.trim();
    const query = next.toString();
    router[how]((query ? `${list}?${query}` : list) as Route, { scroll: false });
  }

  function type(q: string) {
    setText(q);
    if (!onList) return;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => go(q, "replace"), REST_MS);
  }

  return (
    <search>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          go(text, "push");
        }}
        className="relative"
      >
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2 size-4 text-ink-soft" />
        <input
          type="search"
          name="q"
          data-search
          value={text}
          onChange={(event) => type(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            // A browser would empty the field: Escape leaves the search, it does not undo it.
            event.preventDefault();
            event.currentTarget.blur();
          }}
          aria-label={label}
          placeholder={label}
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
          className="peer h-8 w-32 rounded-md border border-line-strong bg-surface pr-2 pl-7.5 text-base placeholder:text-ink-soft sm:w-64 sm:pr-8"
        />
        <span className="pointer-events-none absolute top-1.5 right-1.5 peer-focus:hidden max-sm:hidden">
          <Kbd>/</Kbd>
        </span>
      </form>
    </search>
  );
}
