/** When a schedule's slots are, and what becomes of those that are due: pure, isomorphic. */
import { Cron } from "croner";
import cronstrue from "cronstrue";
import { z } from "zod";
import { messageOf } from "#lib/errors";
import { isZone } from "#lib/format/time";
import { FINAL_STATUSES, RUN_STATUSES, type RunStatus } from "#lib/runs/rules";
import { GRACE_MS, MAX_MISSED, MIN_SPACING_S, type ScheduleMisfire, type ScheduleOverlap, type SlotOutcome } from "./fields.ts";

const NICKNAMES = ["@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"];

/**
 * How slots are found. In the hour that a change of clocks leaves out, a fixed time runs at the first moment after it;
 * in the hour that comes twice, it runs once. What recurs (a `*` or a step among its seconds, minutes and hours) follows
 * the real time: nothing in the hour left out, and both of the two.
 */
const cronOf = (cron: string, zone: string): Cron => new Cron(cron, { timezone: zone, mode: "5-or-6-parts", fixedTimeRule: "no-wildcard", paused: true });

/** Slots after `from`, in order, `n` at most. `cron` and `zone` are parsed ones. */
export const nextSlots = (cron: string, zone: string, from: Date, n: number): Date[] => cronOf(cron, zone).nextRuns(n, from);

/** The newest slots at or before `until` and not before `since`, in order, `n` at most; `isMore` says that there were more. */
export function newestSlots(cron: string, zone: string, { since, until, n }: { since: Date; until: Date; n: number }): { slots: Date[]; isMore: boolean } {
  // Backwards from just after `until`, so that a slot at that very moment is one of them.
  const found = cronOf(cron, zone).previousRuns(n + 1, new Date(Math.floor(until.getTime() / 1_000) * 1_000 + 1_000));
  const slots = found.filter((slot) => slot >= since && slot <= until).toReversed();
  return { slots: slots.slice(-n), isMore: slots.length > n };
}

/** A cron expression: five fields, six with seconds first, or a nickname. Parsed, its spaces are single and its nickname is lower case. */
export const CronText = z
  .string()
  .max(200, { error: "A cron expression has 200 characters at most." })
  .transform((text) => text.trim().replace(/\s+/g, " "))
  .transform((text) => (text.startsWith("@") ? text.toLowerCase() : text))
  .superRefine((text, ctx) => {
    const fault = faultOfCron(text);
    if (fault) ctx.addIssue({ code: "custom", message: fault });
  });

/** Why `text` is no cron expression that may be used, or null. */
function faultOfCron(text: string): string | null {
  if (text === "") return "Say when: five fields (minute, hour, day, month, weekday) such as 0 6 * * 1-5.";
  const fields = text.split(" ");
  if (text.startsWith("@")) {
    if (!NICKNAMES.includes(text)) return `There is no nickname ${text}. There are ${NICKNAMES.join(", ")}.`;
  } else if (fields.length !== 5 && fields.length !== 6) {
    return `It has ${fields.length} ${fields.length === 1 ? "field" : "fields"}, and wants five (minute, hour, day, month, weekday), or six with seconds first.`;
  }
  try {
    const cron = cronOf(text, "UTC");
    // No year is said, so what fires at all fires after any date.
    if (!cron.nextRun(new Date(0))) return "It never fires: no such date comes.";
  } catch (error) {
    return `It cannot be read: ${messageOf(error).replace(/^CronPattern: /, "").replace(/\.$/, "")}.`;
  }
  return fields.length === 6 && spacingOf(fields[0] ?? "") < MIN_SPACING_S ? `Its seconds are less than ${MIN_SPACING_S} s apart, and no schedule may be faster. For every ${MIN_SPACING_S} seconds write */${MIN_SPACING_S} first.` : null;
}

/** The least distance between two seconds that the field names, in seconds, over the end of a minute too. */
function spacingOf(secondsField: string): number {
  const seconds = cronOf(`${secondsField} * * * * *`, "UTC").nextRuns(61, new Date(0)).map((slot) => slot.getTime() / 1_000);
  return Math.min(...seconds.slice(1).map((second, index) => second - (seconds[index] ?? 0)));
}

/** A time zone by its IANA name. Bare offsets are refused: they know no summer time. */
export const ZoneName = z
  .string()
  .trim()
  .max(64, { error: "A time zone's name has 64 characters at most." })
  .refine(isZone, { error: "is no time zone: say it like Europe/Berlin, America/New_York or UTC." });

/** The expression in words, in 24-hour time; null where it has none. */
export function cronInWords(cron: string): string | null {
  try {
    return cronstrue.toString(cron, { use24HourTimeFormat: true });
  } catch {
    // It reads fewer forms than are understood here (`+MON`): those stand as they are.
    return null;
  }
}

/** What is to become of a due slot: started, put in line, or left out for a reason. */
export type SlotPlan = { slot: Date; act: "start" | "wait" } | { slot: Date; act: "skip"; reason: string };

/**
 * What becomes of the slots that are due, oldest first.
 *
 * @param due the newest ones at most `MAX_MISSED`, in order
 * @param waiting how many slots of the schedule are in line already
 */
export function planSlots(due: Date[], { now, misfire, waiting }: { now: Date; misfire: ScheduleMisfire; waiting: number }): SlotPlan[] {
  const newest = due.at(-1);
  const isLate = (slot: Date) => now.getTime() - slot.getTime() > GRACE_MS;
  if (misfire === "all") {
    // What is made up for starts in its order, so what comes on time meanwhile stands behind it.
    const inLine = due.length > 1 || waiting > 0;
    return due.map((slot, index) =>
      !inLine ? { slot, act: "start" } : waiting + index < MAX_MISSED ? { slot, act: "wait" } : { slot, act: "skip", reason: `${MAX_MISSED} slots before it still wait` });
  }
  if (misfire === "once") {
    return due.map((slot) => (slot === newest ? { slot, act: "start" } : { slot, act: "skip", reason: `Missed; the run of ${slotName(newest ?? slot)} makes up for it` }));
  }
  return due.map((slot) => (isLate(slot) ? { slot, act: "skip", reason: "Missed: no worker was there to start it" } : { slot, act: "start" }));
}

/** Whether a slot whose stage is busy waits, or is left out. */
export const waitsWhenBusy = ({ misfire, overlap }: { misfire: ScheduleMisfire; overlap: ScheduleOverlap }, { waiting, isLate }: { waiting: number; isLate: boolean }): boolean =>
  (overlap === "queue" && waiting === 0) || (misfire === "all" && isLate && waiting < MAX_MISSED);

/** `2026-11-21 06:00:00 UTC`: how a reason names a slot, whatever the zone of its reader. */
export const slotName = (slot: Date): string => `${slot.toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** Which status tells most of a group: what goes on, then what went worst. */
const TELLING: readonly RunStatus[] = ["failed", "cancelled", "partial", "hold", "completed", "skipped"];

/** How a group of runs is doing, as one status; null for none. */
export function groupStatus(statuses: readonly RunStatus[]): RunStatus | null {
  if (statuses.length === 0) return null;
  if (statuses.every((status) => status === "pending")) return "pending";
  if (!statuses.every((status) => (FINAL_STATUSES as readonly RunStatus[]).includes(status))) return "running";
  return TELLING.find((status) => statuses.includes(status)) ?? RUN_STATUSES.find((status) => statuses.includes(status)) ?? null;
}

/** How a schedule is doing, worst first. */
export const SCHEDULE_HEALTHS = ["late", "refused", "failing", "paused", "new", "ok"] as const;
export type ScheduleHealth = (typeof SCHEDULE_HEALTHS)[number];

/** A slot this much past its time says that no worker decides slots, in milliseconds: each looks once a second. */
const LATE_MS = 10_000;

/** @param latest what became of the newest slots, newest first */
export function healthOf({ paused, nextSlot, now, latest }: { paused: boolean; nextSlot: Date | null; now: Date; latest: { outcome: SlotOutcome; status: RunStatus | null }[] }): ScheduleHealth {
  if (paused) return "paused";
  if (nextSlot && now.getTime() - nextSlot.getTime() > LATE_MS) return "late";
  if (latest[0]?.outcome === "refused") return "refused";
  const ended = latest.find(({ status }) => status !== null && (FINAL_STATUSES as readonly RunStatus[]).includes(status));
  if (ended?.status === "failed" || ended?.status === "partial") return "failing";
  return latest.length === 0 ? "new" : "ok";
}

export const HEALTH_WORDS: Record<ScheduleHealth, string> = {
  late: "A slot is due and no worker starts it",
  refused: "Its last slot could not be started",
  failing: "Its last run did not go well",
  paused: "Paused",
  new: "Has not fired yet",
  ok: "All is well",
};
