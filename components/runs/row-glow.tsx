"use client";
import { type RefObject, useEffect, useRef } from "react";
import type { RunRow } from "#lib/runs/queries";

/** How long a row glows after its status has changed, in milliseconds. */
const GLOW_MS = 800;

/** Lets a row glow once when its status changes under the reader's eyes. Rows are found by `data-run`. */
export function useRowGlow(body: RefObject<HTMLElement | null>, rows: Pick<RunRow, "id" | "status">[]) {
  const known = useRef<Map<number, RunRow["status"]>>(new Map());
  useEffect(() => {
    const before = known.current;
    known.current = new Map(rows.map((run) => [run.id, run.status]));
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const { id, status } of rows) {
      const was = before.get(id);
      if (was === undefined || was === status) continue;
      body.current?.querySelector(`[data-run="${id}"]`)?.animate([{ backgroundColor: "var(--accent-wash)" }, {}], { duration: GLOW_MS, easing: "ease-out" });
    }
  }, [body, rows]);
}
