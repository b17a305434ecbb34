"use client";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { formatDuration } from "#lib/format/duration";
import { formatRelative, formatTime } from "#lib/format/time";

/** The time to draw with. `zone` is UTC until the browser, which alone knows the reader's, has taken over. */
type Clock = { now: number; zone: string | undefined };

const ClockContext = createContext<Clock>({ now: 0, zone: "UTC" });

/** One clock for the page: the server's at first, so that both draw the same, then the reader's, once a second while it is seen. */
export function ClockProvider({ now, children }: { now: number; children: ReactNode }) {
  const [clock, setClock] = useState<Clock>({ now, zone: "UTC" });
  useEffect(() => {
    const tick = () => document.hidden || setClock({ now: Date.now(), zone: undefined });
    tick();
    const timer = setInterval(tick, 1_000);
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, []);
  return <ClockContext value={clock}>{children}</ClockContext>;
}

/** The reader's time zone; UTC until the browser has taken over. */
export const useZone = (): string | undefined => useContext(ClockContext).zone;

/** The time that the page is drawn with, in milliseconds since 1970; it moves once a second. */
export const useNow = (): number => useContext(ClockContext).now;

/** An instant: relative while it is fresh, to the minute beyond a day; the whole of it, with its zone, on hover. */
export function Time({ date, className }: { date: Date | null; className?: string }) {
  const { now, zone } = useContext(ClockContext);
  if (!date) return <span className={className}>–</span>;
  const full = formatTime(date, { zone });
  const relative = formatRelative(date, new Date(now), { zone });
  return (
    <time dateTime={date.toISOString()} title={full} className={className}>
      {relative === full ? full.slice(0, 16) : relative}
    </time>
  );
}

/** An instant in full, with its zone. */
export function FullTime({ date }: { date: Date | null }) {
  const { now, zone } = useContext(ClockContext);
  if (!date) return "–";
  return (
    <time dateTime={date.toISOString()} title={formatRelative(date, new Date(now), { zone })}>
      {formatTime(date, { zone })}
    </time>
  );
}

/** The time of day of a log line, `14:05:09`. */
export function TimeOfDay({ date }: { date: Date }) {
  const { zone } = useContext(ClockContext);
  const full = formatTime(date, { zone });
  return (
    <time dateTime={date.toISOString()} title={full}>
      {full.slice(11, 19)}
    </time>
  );
}

/** How long something took, or has taken so far when it has begun and not ended. */
export function Elapsed({ durationMs, startedAt, running }: { durationMs: number | null; startedAt: Date | null; running: boolean }) {
  const { now } = useContext(ClockContext);
  if (durationMs !== null) return formatDuration(durationMs);
  if (!running || !startedAt) return "–";
  // Whole seconds: tenths that stand still for a second look broken.
  const seconds = Math.max(0, Math.floor((now - startedAt.getTime()) / 1_000));
  return seconds < 60 ? `${seconds}s` : formatDuration(seconds * 1_000);
}
