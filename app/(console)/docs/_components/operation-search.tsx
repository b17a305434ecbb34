"use client";
import { Search } from "lucide-react";
import { useEffect, useState } from "react";

/** Leaves what fits every word; chapters without any go too. The server has drawn all of them: nothing is asked again. */
function show(words: string[]): number {
  let shown = 0;
  for (const entry of document.querySelectorAll<HTMLElement>("[data-search-text]")) {
    const fits = words.every((word) => entry.dataset.searchText?.includes(word));
    entry.hidden = !fits;
    if (fits && entry.id.startsWith("shape-") === false) shown += 1;
  }
  for (const chapter of document.querySelectorAll<HTMLElement>("main > section")) chapter.hidden = chapter.querySelector("[data-search-text]:not([hidden])") === null;
  return shown;
}

/** Opens what the address points to: a closed entry would hide what was followed. */
function openTarget() {
  const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  const entry = target?.querySelector("details");
  if (!entry || !target) return;
  entry.open = true;
  target.scrollIntoView();
}

export function OperationSearch({ count }: { count: number }) {
  const [shown, setShown] = useState(count);
  useEffect(() => {
    openTarget();
    window.addEventListener("hashchange", openTarget);
    return () => window.removeEventListener("hashchange", openTarget);
  }, []);
  return (
    <search className="sticky top-(--top-bar) z-10 flex items-center gap-3 border-t bg-ground px-4 py-2 sm:px-6">
      <div className="relative">
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2 size-4 text-ink-soft" />
        <input
          type="search"
          data-search
          aria-label="Search operations"
          placeholder="Search operations"
          autoComplete="off"
          spellCheck={false}
          maxLength={100}
          onChange={(event) => setShown(show(event.target.value.toLowerCase().split(/\s+/).filter(Boolean)))}
          className="h-8 w-56 rounded-md border border-line-strong bg-surface pr-2 pl-7.5 text-base placeholder:text-ink-soft sm:w-80"
        />
      </div>
      <p role="status" className="text-sm text-ink-soft">{shown === count ? `${count} operations` : shown === 0 ? "None fits: try a part of a path, such as runs." : `${shown} of ${count}`}</p>
    </search>
  );
}
