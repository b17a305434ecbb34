import { allow, isHidden } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { empty, type Sql, sql } from "#lib/db/client";
import type { RunPriority, RunStatus } from "#lib/db/generated/enums";
import type { Json } from "#lib/engine/define";
import { AppError } from "#lib/errors";
import { shownParams } from "#lib/secrets";
import { SLOTS_AHEAD, type ScheduleMisfire, type ScheduleOverlap, type SlotOutcome } from "./fields.ts";
import { cronInWords, groupStatus, healthOf, nextSlots, type ScheduleHealth } from "./rules.ts";

/** Slots of a schedule that a list shows. */
const LATEST_SHOWN = 5;
/** Slots that the page of one schedule shows at a time. */
export const SLOT_PAGE = 50;

/** What became of a slot. `status` is that of its run, or of its runs together; null without one. */
export type SlotRow = { slot: Date; outcome: SlotOutcome; reason: string | null; runId: number | null; status: RunStatus | null; askedBy: string | null; decidedAt: Date };

export type ScheduleRow = {
  id: number;
  name: string;
  pipeline: string;
  /** Null for Run all. */
  stage: string | null;
  /** The parameters are not for this reader, and empty. */
  hidden: boolean;
  /** As given, secrets masked. */
  params: Record<string, Json>;
  cron: string;
  /** Null when the expression has no words. */
  cronInWords: string | null;
  zone: string;
  misfire: ScheduleMisfire;
  overlap: ScheduleOverlap;
  /** Of the runs that the clock starts. */
  priority: RunPriority;
  paused: boolean;
  nextSlot: Date | null;
  /** The next few from now, also of one that is paused: when it would run. */
  slotsAhead: Date[];
  /** The newest few, newest first. */
  latest: SlotRow[];
  health: ScheduleHealth;
  createdBy: string;
  updatedBy: string;
  createdAt: Date;
  updatedAt: Date;
  version: number;
};

type StoredSlot = Omit<SlotRow, "runId" | "status"> & { scheduleId: bigint; runId: bigint | null; statuses: RunStatus[] };
type StoredSchedule = Omit<ScheduleRow, "id" | "cronInWords" | "slotsAhead" | "latest" | "health" | "hidden"> & { id: bigint; now: Date };

const COLUMNS = sql`
  s.id, s.name, s.pipeline, s.stage, s.params, s.cron, s.zone, s.misfire, s.overlap, s.priority, s.paused, s.next_slot as "nextSlot",
  s.created_by as "createdBy", s.updated_by as "updatedBy", s.created_at as "createdAt", s.updated_at as "updatedAt", s.version,
  clock_timestamp()::timestamptz(3) as now`;

const SLOT_COLUMNS = sql`
  t.schedule_id as "scheduleId", t.slot, t.outcome, t.reason, t.run_id as "runId", t.asked_by as "askedBy", t.decided_at as "decidedAt",
  array(select r.status::text from runs r where r.id = t.run_id
        union all
        select g.status::text from runs r join runs g on g.group_id = r.group_id and g.id <> r.id where r.id = t.run_id) as statuses`;

/** All schedules, by name, with the slots ahead and what became of the last ones. All of them: there are few (`MAX_SCHEDULES`). */
export async function listSchedules(ctx: Ctx): Promise<ScheduleRow[]> {
  allow(ctx, "runs.read");
  return readSchedules(ctx, empty);
}

/** @throws AppError NOT_FOUND */
export async function getSchedule(ctx: Ctx, id: number): Promise<ScheduleRow> {
  allow(ctx, "runs.read");
  const [schedule] = await readSchedules(ctx, sql`where s.id = ${id}::bigint`);
  if (!schedule) throw new AppError("NOT_FOUND", `No schedule ${id}. Somebody may have deleted it.`);
  return schedule;
}

/**
 * The schedule that a person means: by its name, or by its number, `12` or `#12`.
 *
 * @throws AppError NOT_FOUND that names what there is
 */
export async function findSchedule(ctx: Ctx, ref: string): Promise<ScheduleRow> {
  allow(ctx, "runs.read");
  const [, number] = /^#?(\d{1,15})$/.exec(ref) ?? [];
  if (number) return getSchedule(ctx, Number(number));
  const [schedule] = await readSchedules(ctx, sql`where s.name = ${ref}`);
  if (schedule) return schedule;
  const names = (await ctx.db.schedule.findMany({ orderBy: { name: "asc" }, take: 20, select: { name: true } })).map(({ name }) => name);
  throw new AppError("NOT_FOUND", `There is no schedule "${ref}". ${names.length > 0 ? `There is: ${names.join(", ")}.` : "There is none yet."}`);
}

async function readSchedules(ctx: Ctx, where: Sql): Promise<ScheduleRow[]> {
  const schedules = await ctx.db.$queryRaw<StoredSchedule[]>`select ${COLUMNS} from schedules s ${where} order by lower(s.name), s.id`;
  if (schedules.length === 0) return [];
  const slots = await ctx.db.$queryRaw<StoredSlot[]>`
    select ${SLOT_COLUMNS}
      from unnest(${schedules.map(({ id }) => id)}::bigint[]) s (id)
     cross join lateral (select * from schedule_slots where schedule_id = s.id order by slot desc limit ${LATEST_SHOWN}::int) t
     order by t.slot desc`;
  const latestOf = Map.groupBy(slots, ({ scheduleId }) => scheduleId);
  return schedules.map(({ now, ...stored }) => {
    const latest = (latestOf.get(stored.id) ?? []).map(toSlotRow);
    return {
      ...stored,
      id: Number(stored.id),
      hidden: isHidden(ctx),
      params: isHidden(ctx) ? {} : (shownParams(stored.params) as Record<string, Json>),
      cronInWords: cronInWords(stored.cron),
      slotsAhead: nextSlots(stored.cron, stored.zone, now, SLOTS_AHEAD),
      latest,
      health: healthOf({ ...stored, now, latest }),
    };
  });
}

/** What became of a schedule's slots, newest first, older than `before`; `next` is the `before` of the older ones. */
export async function listSlots(ctx: Ctx, scheduleId: number, before: Date | null = null): Promise<{ rows: SlotRow[]; next: Date | null }> {
  allow(ctx, "runs.read");
  const found = await ctx.db.$queryRaw<StoredSlot[]>`
    select ${SLOT_COLUMNS}
      from schedule_slots t
     where t.schedule_id = ${scheduleId}::bigint ${before ? sql`and t.slot < ${before}` : empty}
     order by t.slot desc
     limit ${SLOT_PAGE + 1}::int`;
  const rows = found.slice(0, SLOT_PAGE).map(toSlotRow);
  return { rows, next: found.length > SLOT_PAGE ? (rows.at(-1)?.slot ?? null) : null };
}

const toSlotRow = ({ scheduleId: _, runId, statuses, ...slot }: StoredSlot): SlotRow => ({ ...slot, runId: runId === null ? null : Number(runId), status: groupStatus(statuses) });

export type NextStart = { scheduleId: number; name: string; at: Date };

/** When the clock starts each stage next, by `pipeline/stage`; Run all is under `pipeline/`. One question for all. */
export async function listNextStarts(ctx: Ctx): Promise<Map<string, NextStart>> {
  allow(ctx, "runs.read");
  const rows = await ctx.db.$queryRaw<{ pipeline: string; stage: string | null; id: bigint; name: string; at: Date }[]>`
    select distinct on (pipeline, stage) pipeline, stage, id, name, next_slot as at
      from schedules
     where next_slot is not null
     order by pipeline, stage, next_slot`;
  return new Map(rows.map(({ pipeline, stage, id, name, at }) => [`${pipeline}/${stage ?? ""}`, { scheduleId: Number(id), name, at }]));
}
