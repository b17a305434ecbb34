/** What a schedule may be told to do, and how that is said: declared once. Isomorphic. */
import { ScheduleMisfire, ScheduleOverlap, SlotOutcome } from "#lib/db/generated/enums";

export { ScheduleMisfire, ScheduleOverlap, SlotOutcome };
export const MISFIRES = Object.values(ScheduleMisfire);
export const OVERLAPS = Object.values(ScheduleOverlap);

/** How late a slot may be and still count as on time, in milliseconds. */
export const GRACE_MS = 60_000;
/** As many missed slots are made up for, and told one by one; those before them are told in one line. */
export const MAX_MISSED = 100;
/** The least that two slots may be apart, in seconds. */
export const MIN_SPACING_S = 10;
/** How many schedules there may be: the page shows them all. */
export const MAX_SCHEDULES = 500;
/** As many slots of a schedule are remembered. */
export const KEPT_SLOTS = 1_000;
/** The slots ahead that lists and forms show. */
export const SLOTS_AHEAD = 5;

export const MISFIRE_WORDS: Record<ScheduleMisfire, { label: string; meaning: string }> = {
  skip: { label: "Leave them out", meaning: "Slots that came while no worker ran are left out, but for those of the last minute." },
  once: { label: "One run for all", meaning: "However many slots were missed, one run makes up for them." },
  all: { label: "A run for each", meaning: `Each missed slot gets its run, one after another; the newest ${MAX_MISSED} at most.` },
};

export const OVERLAP_WORDS: Record<ScheduleOverlap, { label: string; meaning: string }> = {
  skip: { label: "Leave the slot out", meaning: "The slot is left out, and the next one comes at its time." },
  queue: { label: "Wait for it", meaning: "The slot starts when the stage is free. One waits at a time; slots that come meanwhile are left out." },
  join: { label: "Join the run that goes on", meaning: "That run stands for the slot. Only for a single stage: all of a pipeline joins nothing." },
};
