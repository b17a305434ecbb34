"use client";
import { useEffect, useState } from "react";
import type { RunRow } from "#lib/runs/queries";

/**
 * Rows that keep their places while `held` (the pointer is among them): their contents follow what is new,
 * but none comes, goes or moves. `held back` is how many new ones wait to be shown.
 */
export function useHeldRows(rows: RunRow[], held: boolean, listKey: string): { shown: RunRow[]; heldBack: number; release: () => void } {
  const [kept, setKept] = useState({ rows, listKey });
  const mayMove = !held || kept.listKey !== listKey;

  useEffect(() => {
    if (mayMove) setKept({ rows, listKey });
  }, [mayMove, rows, listKey]);

  if (mayMove) return { shown: rows, heldBack: 0, release: () => {} };
  const latest = new Map(rows.map((run) => [run.id, run]));
  const known = new Set(kept.rows.map((run) => run.id));
  return {
    shown: kept.rows.map((run) => latest.get(run.id) ?? run),
    heldBack: rows.filter((run) => !known.has(run.id)).length,
    release: () => setKept({ rows, listKey }),
  };
}
