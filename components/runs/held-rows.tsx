"use client";
import { useEffect, useMemo, useState } from "react";

/**
 * Rows that keep their places while `held` (the pointer is among them): their contents follow what is new,
 * but none comes, goes or moves. `held back` is how many new ones wait to be shown.
 */
export function useHeldRows<T extends { id: number }>(rows: T[], held: boolean, listKey: string): { shown: T[]; heldBack: number; release: () => void } {
  const [kept, setKept] = useState({ rows, listKey });
  const mayMove = !held || kept.listKey !== listKey;

  useEffect(() => {
    if (mayMove) setKept({ rows, listKey });
  }, [mayMove, rows, listKey]);

  // The same rows again while nothing has come: what is drawn from them need not be drawn anew.
  const keptBack = useMemo(() => {
    const latest = new Map(rows.map((row) => [row.id, row]));
    const known = new Set(kept.rows.map((row) => row.id));
    return { shown: kept.rows.map((row) => latest.get(row.id) ?? row), heldBack: rows.filter((row) => !known.has(row.id)).length };
  }, [rows, kept.rows]);
  if (mayMove) return { shown: rows, heldBack: 0, release: () => {} };
  return { ...keptBack, release: () => setKept({ rows, listKey }) };
}
