"use client";
import { type RefObject, useEffect, useRef } from "react";
import { isTyping } from "#components/layout/keys";

/** `j` and `k` walk the links of the rows; Enter opens the one in focus, as it does any link. Other keys are given with the row's number, its `data-run`. */
export function useRowKeys(body: RefObject<HTMLTableSectionElement | null>, onKey?: (key: string, rowId: number) => void) {
  const latest = useRef(onKey);
  latest.current = onKey;
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      const links = [...(body.current?.querySelectorAll<HTMLElement>("[data-row-link]") ?? [])];
      const at = links.findIndex((link) => link.closest("tr")?.contains(document.activeElement));
      if (event.key === "j" || event.key === "k") {
        const next = at === -1 ? 0 : Math.min(links.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)));
        links[next]?.focus({ preventScroll: true });
        links[next]?.closest("tr")?.scrollIntoView({ block: "nearest" });
      } else if (latest.current && (event.key === "o" || event.key === "x")) {
        const row = (links[at] ?? links[0])?.closest("tr");
        if (at === -1) links[0]?.focus({ preventScroll: true });
        if (row?.dataset.run) latest.current(event.key, Number(row.dataset.run));
      }
    }
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [body]);
}
