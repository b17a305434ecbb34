"use client";
import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from "react";
import { formatDuration } from "#lib/format/duration";
import { formatRelative, formatTime } from "#lib/format/time";

/** The time to draw with. `zone` is UTC until the browser, which alone knows the reader's, has taken over. */
type Clock = { now: number; zone: string | undefined };

const ServerClock = createContext<Clock>({ now: 0, zone: "UTC" });

/** When the server drew the page: what everything is drawn with until it is alive. */
export function ClockProvider({ now, children }: { now: number; children: ReactNode }) {
  const [clock] = useState<Clock>({ now, zone: "UTC" });
  return <ServerClock value={clock}>{children}</ServerClock>;
}

/** The reader's clock, once a second while the page is seen; one for the whole page. */
const readers = new Set<() => void>();
let latest: Clock = { now: Date.now(), zone: undefined };

function tick() {
  if (document.hidden) return;
  latest = { now: Date.now(), zone: undefined };
  for (const reader of readers) reader();
}

function subscribe(reader: () => void): () => void {
  if (readers.size === 0) {
    latest = { now: Date.now(), zone: undefined };
    timer = setInterval(tick, 1_000);
    document.addEventListener("visibilitychange", tick);
  }
  readers.add(reader);
  return () => {
    readers.delete(reader);
    if (readers.size > 0) return;
    clearInterval(timer);
    document.removeEventListener("visibilitychange", tick);
  };
}
let timer: ReturnType<typeof setInterval> | undefined;

/** Parts of a page come alive at different times: each is drawn with the server's clock until it has. */
function useClock(): Clock {
  const atServer = useContext(ServerClock);
  return useSyncExternalStore(subscribe, () => latest, () => atServer);
}

/** The reader's time zone; UTC until the browser has taken over. */
export const useZone = (): string | undefined => useClock().zone;

/** The time that the page is drawn with, in milliseconds since 1970; it moves once a second. */
export const useNow = (): number => useClock().now;

/** An instant: relative while it is fresh, to the minute beyond a day; the whole of it, with its zone, on hover. */
export function Time({ date, className }: { date: Date | null; className?: string }) {
  const { now, zone } = useClock();
  if (!date) return className ? <span className={className}>–</span> : "–";
  return (
    <time dateTime={date.toISOString()} title={formatTime(date, { zone })} className={className}>
      {describeTime(date, now, zone)}
    </time>
  );
}

/** An instant in full, with its zone. */
export function FullTime({ date }: { date: Date | null }) {
  const { now, zone } = useClock();
  if (!date) return "–";
  return (
    <time dateTime={date.toISOString()} title={formatRelative(date, new Date(now), { zone })}>
      {formatTime(date, { zone })}
    </time>
  );
}

/** The time of day of a log line, `14:05:09`. */
export function TimeOfDay({ date }: { date: Date }) {
  const { zone } = useClock();
  const full = formatTime(date, { zone });
  return (
    <time dateTime={date.toISOString()} title={full}>
      {full.slice(11, 19)}
    </time>
  );
}

type Timed = { durationMs: number | null; startedAt: Date | null; running: boolean };

/** How long something took, or has taken so far when it has begun and not ended. */
export function Elapsed(timed: Timed) {
  return describeElapsed(timed, useNow());
}

/** Both in one text: `3 min ago · 12.4s`, the first alone before there is a second. For where a second element each would be one too many. */
export function Age({ date, ...timed }: Timed & { date: Date }) {
  const { now, zone } = useClock();
  const elapsed = describeElapsed(timed, now);
  return `${describeTime(date, now, zone)}${elapsed === NO_TIME ? "" : ` · ${elapsed}`}`;
}

function describeTime(date: Date, now: number, zone: string | undefined): string {
  const relative = formatRelative(date, new Date(now), { zone });
  return /^\d{4}-/.test(relative) ? relative.slice(0, 16) : relative;
}

const NO_TIME = "–";

function describeElapsed({ durationMs, startedAt, running }: Timed, now: number): string {
  if (durationMs !== null) return formatDuration(durationMs);
  if (!running || !startedAt) return NO_TIME;
  // Whole seconds: tenths that stand still for a second look broken.
  const seconds = Math.max(0, Math.floor((now - startedAt.getTime()) / 1_000));
  return seconds < 60 ? `${seconds}s` : formatDuration(seconds * 1_000);
}
