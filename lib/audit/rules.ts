/** How an entry is told, and what a filter's words mean. Pure, isomorphic. */
import type { Json } from "#lib/engine/define";
import { diffJson } from "#lib/format/json-diff";
import type { AuditFormat, AuditRow } from "./fields.ts";

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const AGO = /^(\d{1,4})([mhdw])$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** The instant that a text names: a day (UTC), an instant with its zone, or so long ago (`7d`); null for anything else. */
export function instantOf(text: string, edge: "from" | "to", now: Date): Date | null {
  const [, count, unit] = AGO.exec(text) ?? [];
  if (count !== undefined) return new Date(now.getTime() - Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS]);
  if (!DAY.test(text) && !INSTANT.test(text)) return null;
  const date = new Date(text);
  // 31 February would become the third of March.
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1_970 || (DAY.test(text) && !date.toISOString().startsWith(text))) return null;
  // The whole of the last day belongs to it.
  return DAY.test(text) && edge === "to" ? new Date(date.getTime() + UNITS_MS.d) : date;
}

export type AuditChange = { path: string; before: string | null; after: string | null };

/** What an act changed, value by value; null on the side on which there was nothing. */
export function changesOf(before: Json | null, after: Json | null): AuditChange[] {
  const print = (value: Json | undefined): string | null => (value === undefined ? null : typeof value === "string" ? value : JSON.stringify(value));
  return diffJson(before ?? {}, after ?? {}).map((change) => ({ path: change.path.replace(/^\$\./, ""), before: print(change.before), after: print(change.after) }));
}

/** As they are written into a file: a cell of CSV is text, so there what changed is JSON in it. */
export async function* printableEntries(batches: AsyncIterable<AuditRow[]>, format: AuditFormat): AsyncGenerator<Record<string, unknown>[]> {
  const text = (value: Json | null) => value && JSON.stringify(value);
  for await (const rows of batches) yield format === "csv" ? rows.map((row) => ({ ...row, before: text(row.before), after: text(row.after) })) : rows;
}
