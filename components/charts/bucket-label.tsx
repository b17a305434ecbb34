"use client";
import { useMemo } from "react";
import { useZone } from "#components/layout/clock";

const DAY_MS = 86_400_000;

/** When a bucket begins, in the reader's zone: its day, or short below the axis, in full beside the pointer. Days begin in UTC, as they are counted. */
export function useBucketLabel(bucketMs: number): { day: (start: number) => string; short: (start: number) => string; long: (start: number) => string } {
  const zone = useZone();
  return useMemo(() => {
    const timeZone = bucketMs >= DAY_MS ? "UTC" : zone;
    const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone });
    const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone });
    const full = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric", ...(bucketMs < DAY_MS && { hour: "2-digit", minute: "2-digit" }), timeZone, timeZoneName: "short" });
    const short = (start: number) => {
      const clock = time.format(start);
      // From a quarter of a day on, days are what one counts in.
      return bucketMs >= DAY_MS / 4 || clock === "00:00" ? day.format(start) : clock;
    };
    return { day: (start) => day.format(start), short, long: (start: number) => full.format(start) };
  }, [zone, bucketMs]);
}
