/** When things happen in the demo: nights, business hours, weekends, and one bad afternoon. Pure; times are milliseconds since 1970. */
import type { RunTrigger } from "#lib/db/generated/enums";
import type { Draw } from "#lib/draw";
import { nextSimulation, type Simulation } from "./backtest.ts";
import type { MailStage } from "./mail.ts";
import { ACCOUNTS, INGEST, PEOPLE, PROGRAM, SCHEDULES, SYMBOLS, type Ticker, WEEKEND_SYMBOL } from "./people.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

export type Month = { now: number; days: number; runs: number; /** Added to UTC it gives the clock on the wall. */ utcOffsetMs: number };
export type Asker = { triggeredBy: RunTrigger; createdBy: string };
export type Task =
  | { kind: "nightly" }
  | { kind: "mail"; stage: MailStage }
  | { kind: "signal"; symbol: Ticker; account: string }
  | { kind: "maintenance"; account: string }
  | { kind: "simulation"; simulation: Simulation };
/** Something that begins; `retryOf` is the place of the run that it repeats. */
export type Slot = { at: number; task: Task; asker: Asker; retryOf?: number };
export type Span = { from: number; to: number };

export const isWithin = ({ from, to }: Span, at: number): boolean => at >= from && at < to;

/** Runs of each night's Run all, which is never left out, and those that the days' rhythm makes on top, about; the latter are scaled. */
const RUNS_A_NIGHT = 6;
const RUNS_A_WORKING_DAY = 98;
const RUNS_A_QUIET_DAY = 17;
const LEAST_FACTOR = 0.05;
/** How likely a person is at the keyboard, hour by hour from 8 to 19. */
const OFFICE_WEIGHTS = [2, 6, 8, 8, 4, 5, 8, 8, 6, 4, 2, 1];
const CLICKED: MailStage[] = ["classify", "classify", "classify", "classify", "engage", "engage", "profile", "profile", "segment", "entities", "entities", "content"];

/** Midnight of the day `at` lies in, by the clock on the wall. */
export const midnight = (at: number, { utcOffsetMs }: Pick<Month, "utcOffsetMs">): number => Math.floor((at + utcOffsetMs) / DAY_MS) * DAY_MS - utcOffsetMs;
/** 1970 began on a Thursday. */
export const isWeekend = (at: number, { utcOffsetMs }: Pick<Month, "utcOffsetMs">): boolean => [2, 3].includes(Math.floor((at + utcOffsetMs) / DAY_MS) % 7);
export const hourOf = (at: number, month: Pick<Month, "utcOffsetMs">): number => (at - midnight(at, month)) / HOUR_MS;

/** The working day `daysAgo` days back, or the last one before it. */
function workday(month: Month, daysAgo: number): number {
  let day = midnight(month.now, month) - daysAgo * DAY_MS;
  while (isWeekend(day, month)) day -= DAY_MS;
  return day;
}

/** The provider answered nobody: two hours, three days ago. */
export function incidentOf(month: Month): Span {
  const from = workday(month, 3) + 13 * HOUR_MS + 40 * MINUTE_MS;
  return { from, to: from + 2 * HOUR_MS };
}

/** Trading was switched off for forty minutes, some five days ago. */
export function haltOf(month: Month): Span {
  const from = workday(month, 5) + 10 * HOUR_MS + 10 * MINUTE_MS;
  return { from, to: from + 40 * MINUTE_MS };
}

/** Everything that begins by itself or by a person's hand, in order; retries come of what fails and are not here. */
export function listSlots(draw: Draw, month: Month): Slot[] {
  const today = midnight(month.now, month);
  const days = Array.from({ length: month.days }, (_, index) => today - (month.days - 1 - index) * DAY_MS);
  // Of today only what has been.
  const usual = days.reduce((sum, day) => sum + (isWeekend(day, month) ? RUNS_A_QUIET_DAY : RUNS_A_WORKING_DAY) * Math.min(1, Math.max(0, (month.now - day - 6 * HOUR_MS) / (14 * HOUR_MS))), 0);
  const factor = Math.max(LEAST_FACTOR, (month.runs - RUNS_A_NIGHT * month.days) / usual);
  const slots: Slot[] = [];
  for (const day of days) {
    slots.push({ at: day + 2 * HOUR_MS, task: { kind: "nightly" }, asker: scheduled(SCHEDULES.nightly) });
    slots.push(...(isWeekend(day, month) ? quietDay(draw, day, factor) : workingDay(draw, day, factor)));
  }
  return slots.filter(({ at }) => at < month.now).toSorted((a, b) => a.at - b.at);
}

function workingDay(draw: Draw, day: number, factor: number): Slot[] {
  const symbols = Object.keys(SYMBOLS) as Ticker[];
  const slots: Slot[] = [];
  for (let quarter = 0; quarter < 52; quarter += 1) {
    const at = day + 7 * HOUR_MS + quarter * 15 * MINUTE_MS;
    // Every half hour, and twice as many symbols every quarter while London and New York are both open.
    const isBusy = quarter >= 24 && quarter < 40;
    const count = isBusy || quarter % 2 === 0 ? times(draw, factor * (isBusy ? 2 : 1)) : 0;
    for (let n = 0; n < count; n += 1) slots.push({ at: at + draw.integer(20, 900), task: signalTask(draw, symbols[(quarter + 2 * n) % symbols.length] ?? WEEKEND_SYMBOL), asker: scheduled(SCHEDULES.signals) });
  }
  for (let hour = 8; hour < 19; hour += 1) {
    if (times(draw, factor) > 0) slots.push({ at: day + hour * HOUR_MS + draw.integer(20, 900), task: { kind: "maintenance", account: draw.pick(ACCOUNTS) }, asker: scheduled(SCHEDULES.positions) });
  }
  for (let hour = 7; hour < 20; hour += 1) {
    if (times(draw, factor) > 0) slots.push(arrived(draw, "metadata", day + hour * HOUR_MS + 5 * MINUTE_MS));
    if (hour % 3 === 1 && times(draw, factor) > 0) slots.push(arrived(draw, "content", day + hour * HOUR_MS + 7 * MINUTE_MS));
  }
  for (let n = times(draw, factor * draw.integer(9, 16)); n > 0; n -= 1) slots.push({ at: atTheDesk(draw, day), task: { kind: "mail", stage: draw.pick(CLICKED) }, asker: person(draw) });
  for (let n = times(draw, factor * draw.integer(2, 5)); n > 0; n -= 1) {
    slots.push({ at: atTheDesk(draw, day), task: { kind: "simulation", simulation: nextSimulation(draw, day) }, asker: draw.chance(0.4) ? { triggeredBy: "api", createdBy: PROGRAM } : person(draw) });
  }
  return slots;
}

/** A day at the weekend: what never sleeps goes on, and now and then somebody looks in. */
function quietDay(draw: Draw, day: number, factor: number): Slot[] {
  const slots: Slot[] = [];
  for (let hour = 1; hour < 24; hour += 2) {
    if (times(draw, factor) > 0) slots.push({ at: day + hour * HOUR_MS + draw.integer(20, 900), task: signalTask(draw, WEEKEND_SYMBOL), asker: scheduled(SCHEDULES.signals) });
  }
  for (const hour of [9, 13, 17, 21]) if (times(draw, factor) > 0) slots.push(arrived(draw, "metadata", day + hour * HOUR_MS + 5 * MINUTE_MS));
  if (draw.chance(Math.min(1, factor * 0.6))) slots.push({ at: atTheDesk(draw, day), task: { kind: "mail", stage: draw.pick(CLICKED) }, asker: person(draw) });
  return slots;
}

const signalTask = (draw: Draw, symbol: Ticker): Task => ({ kind: "signal", symbol, account: draw.pick(ACCOUNTS) });
const scheduled = (createdBy: string): Asker => ({ triggeredBy: "schedule", createdBy });
const arrived = (draw: Draw, stage: MailStage, at: number): Slot => ({ at: at + draw.integer(0, 40_000), task: { kind: "mail", stage }, asker: { triggeredBy: "ingest", createdBy: INGEST } });

/** One of three, the first most often; now and then from the command line. */
export function person(draw: Draw): Asker {
  const createdBy = draw.chance(0.5) ? PEOPLE[0] : draw.pick(PEOPLE);
  return { triggeredBy: draw.chance(0.22) ? "cli" : "web", createdBy };
}

function atTheDesk(draw: Draw, day: number): number {
  let left = draw.next() * OFFICE_WEIGHTS.reduce((sum, weight) => sum + weight, 0);
  const index = OFFICE_WEIGHTS.findIndex((weight) => (left -= weight) < 0);
  return day + (8 + Math.max(0, index)) * HOUR_MS + draw.integer(0, HOUR_MS - 1);
}

/** `rate` as a whole number that comes to it on average. */
const times = (draw: Draw, rate: number): number => Math.floor(rate) + (draw.chance(rate % 1) ? 1 : 0);

/** When somebody gets to it: soon in office hours, else the next working morning. */
export function nextLook(draw: Draw, after: number, month: Month): number {
  const soon = after + draw.integer(4, 35) * MINUTE_MS;
  const hour = hourOf(soon, month);
  if (!isWeekend(soon, month) && hour >= 8 && hour < 19) return soon;
  let day = midnight(soon, month) + (hour >= 8 ? DAY_MS : 0);
  while (isWeekend(day, month)) day += DAY_MS;
  return day + 8 * HOUR_MS + draw.integer(5, 55) * MINUTE_MS;
}

/** Mail that comes in within the hour that begins at `hour`. */
export function mailWithin(draw: Draw, hour: number, month: Month): number {
  const clock = hourOf(hour, month);
  const weight = isWeekend(hour, month) ? 0.22 : clock >= 8 && clock < 19 ? 1 : 0.18;
  return Math.round(draw.integer(25, 75) * weight);
}
