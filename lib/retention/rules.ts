/** What retention keeps and for how long, and how it is said: pure, isomorphic. */
import { formatCount } from "#lib/format/number";
import { PRUNE_FIELD_IDS, PRUNE_FIELDS, type PruneCounts, type PruneField } from "./fields.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Ten lifetimes of the product; above it a number of days is a mistake. */
export const MAX_DAYS = 36_500;

/** For how many days something is kept after a run has ended; 0: for ever. */
export type Keep = { runDays: number; payloadDays: number };
/** What ended before it goes; null: nothing does. */
export type Cutoffs = { runs: Date | null; payloads: Date | null };

/** Payloads never outlive their run, so keeping them longer than runs is the same as as long. */
export function cutoffsOf({ runDays, payloadDays }: Keep, now: Date): Cutoffs {
  const before = (days: number) => (days === 0 ? null : new Date(now.getTime() - days * DAY_MS));
  return { runs: before(runDays), payloads: before(payloadDays) };
}

/** `30d`, `4w` or a bare number of days; null for anything else. */
export function parseDays(text: string): number | null {
  const [, digits, unit] = /^(\d{1,6})(d|w)?$/.exec(text.trim()) ?? [];
  if (digits === undefined) return null;
  const days = Number(digits) * (unit === "w" ? 7 : 1);
  return days <= MAX_DAYS ? days : null;
}

/** Who prunes at night, as the activity names it. */
export const NIGHTLY = "retention";

/** Hours of the machine's own night in which retention prefers to work: from, up to. */
const NIGHT = { from: 2, to: 5 };
/** Not twice in a night; and in broad daylight when no night has come for long, since some machines sleep then. In hours. */
const RESTED_H = 20;
const OVERDUE_H = 36;

/**
 * Whether the nightly prune is due.
 *
 * @param since when it was last done, or since when somebody is here to do it
 * @param localHour 0 to 23
 */
export function isNightlyDue(since: Date, now: Date, localHour: number): boolean {
  const hours = (now.getTime() - since.getTime()) / HOUR_MS;
  return hours >= OVERDUE_H || (hours >= RESTED_H && localHour >= NIGHT.from && localHour < NIGHT.to);
}

export const noCounts = (): PruneCounts => ({ runs: 0, stripped: 0, steps: 0, calls: 0, logs: 0, events: 0 });
export const addPruned = (a: PruneCounts, b: Partial<PruneCounts>): PruneCounts =>
  Object.fromEntries(PRUNE_FIELD_IDS.map((id) => [id, a[id] + (b[id] ?? 0)])) as PruneCounts;
export const isNothing = (counts: PruneCounts): boolean => PRUNE_FIELD_IDS.every((id) => counts[id] === 0);

const sayCount = (field: PruneField, count: number): string => `${formatCount(count)} ${count === 1 ? PRUNE_FIELDS[field].one : PRUNE_FIELDS[field].many}`;

/** `1 204 runs and 310 runs' payloads`: what a person asks about; the rest goes with them. */
export function sayPruned(counts: Partial<Record<string, unknown>>): string {
  const told = (["runs", "stripped"] as const).flatMap((field) => {
    const count = counts[field];
    return typeof count === "number" && count > 0 ? [sayCount(field, count)] : [];
  });
  return told.join(" and ") || "old events";
}
