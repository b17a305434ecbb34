"use client";
import { type RefObject, useEffect } from "react";
import { isTyping } from "#components/layout/keys";

/** `j` and `k` walk the links of the rows; Enter opens the one in focus, as it does any link. */
export function useRowKeys(body: RefObject<HTMLTableSectionElement | null>) {
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (isTyping(event) || (event.key !== "j" && event.key !== "k")) return;
      const links = [...(body.current?.querySelectorAll<HTMLElement>("[data-row-link]") ?? [])];
      const at = links.findIndex((link) => link.closest("tr")?.contains(document.activeElement));
      const next = at === -1 ? 0 : Math.min(links.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)));
      links[next]?.focus({ preventScroll: true });
      links[next]?.closest("tr")?.scrollIntoView({ block: "nearest" });
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [body]);
}
