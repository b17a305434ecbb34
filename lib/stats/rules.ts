/** How long counts stand, who `me` is, and how counts are added up: nothing here touches the database. */
import type { Actor } from "#lib/ctx";
import { RUN_STATUSES, type RunStatus } from "#lib/runs/rules";

/** How long a computed answer is given again, in milliseconds. The seed asks for 30 to 60 s. */
export const STATS_TTL_MS = 45_000;
/** Answers kept at most; the one that was asked for longest ago goes first. */
export const STATS_MAX_ENTRIES = 500;

/**
 * Answers by key: computed once for all who ask at the same time, kept for `ttlMs`, bounded in number.
 * A failure is told to everyone who waited for it and then forgotten.
 */
export class StatsCache {
  readonly #entries = new Map<string, { value: Promise<unknown>; until: number }>();
  readonly #ttlMs: number;
  readonly #maxEntries: number;

  constructor(ttlMs = STATS_TTL_MS, maxEntries = STATS_MAX_ENTRIES) {
    this.#ttlMs = ttlMs;
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How old the oldest answer is that would still be given; null when there is none. */
  oldestAgeMs(nowMs: number): number | null {
    const ages = [...this.#entries.values()].filter(({ until }) => nowMs < until).map(({ until }) => this.#ttlMs - (until - nowMs));
    return ages.length > 0 ? Math.max(...ages) : null;
  }

  /** @param nowMs of a clock that never goes back */
  get<T>(key: string, nowMs: number, compute: () => Promise<T>): Promise<T> {
    const kept = this.#entries.get(key);
    // Put in anew, so that the order of the map is the order of use.
    this.#entries.delete(key);
    if (kept && nowMs < kept.until) {
      this.#entries.set(key, kept);
      return kept.value as Promise<T>;
    }
    const value = compute();
    const entry = { value, until: nowMs + this.#ttlMs };
    this.#entries.set(key, entry);
    value.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries) break;
      this.#entries.delete(oldest);
    }
    return value;
  }
}

/**
 * Who `me` is: whoever is signed in, whatever the request claims. A program with a key asks for people of its own, whom it names by
 * `current_user`: a label that finds what they created, and opens nothing.
 */
export function userOf(actor: Actor, currentUser: string | null | undefined): string {
  return actor.kind === "api" && currentUser ? currentUser : actor.name;
}

export type StatusCounts = Partial<Record<RunStatus, number>>;

export const totalOf = (counts: StatusCounts): number => RUN_STATUSES.reduce((sum, status) => sum + (counts[status] ?? 0), 0);

export const addCounts = (all: StatusCounts[]): StatusCounts =>
  Object.fromEntries(RUN_STATUSES.flatMap((status) => (all.some((counts) => counts[status]) ? [[status, all.reduce((sum, counts) => sum + (counts[status] ?? 0), 0)]] : [])));

/** Statuses that say whether a run went well; the others ended, or have not yet, without saying so. */
const GOOD = ["completed", "hold"] as const satisfies RunStatus[];
const BAD = ["failed", "partial"] as const satisfies RunStatus[];

/** Ratio (0–1) of runs that went well to those that were carried out; null while there are none. Skipped and cancelled ones are not counted. */
export function successRate(counts: StatusCounts): number | null {
  const good = GOOD.reduce((sum, status) => sum + (counts[status] ?? 0), 0);
  const all = BAD.reduce((sum, status) => sum + (counts[status] ?? 0), good);
  return all === 0 ? null : good / all;
}

/** How wide a bucket of durations is: its upper end is at most 5 % above its lower one. `duration_bucket` in the database has the same number. */
export const DURATION_STEP = 1.05;

/** What stands for the durations of a bucket, in milliseconds: the geometric middle of the whole numbers in it. */
export function durationOfBucket(bucket: number): number {
  if (bucket < 0) return 0;
  const first = Math.ceil(DURATION_STEP ** bucket);
  const last = Math.max(first, Math.ceil(DURATION_STEP ** (bucket + 1)) - 1);
  return Math.round(Math.sqrt(first * last));
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
const BAR_WIDTHS_MS = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS, DAY_MS, WEEK_MS];
/** Weeks begin on Monday; 1970 did on a Thursday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

export type Bars = { startMs: number; widthMs: number; count: number };

/** The narrowest bars that a person can name of which `most` cover the time from `fromMs` to `toMs`; they begin and end on whole ones. */
export function barsOf(fromMs: number, toMs: number, most: number): Bars {
  for (let n = 0; ; n += 1) {
    const widthMs = BAR_WIDTHS_MS[n] ?? WEEK_MS * 2 ** (n - BAR_WIDTHS_MS.length + 1);
    const origin = widthMs >= WEEK_MS ? FIRST_MONDAY_MS : 0;
    const first = Math.floor((fromMs - origin) / widthMs);
    const count = Math.max(1, Math.ceil((toMs - origin) / widthMs) - first);
    if (count <= most) return { startMs: first * widthMs + origin, widthMs, count };
  }
}
