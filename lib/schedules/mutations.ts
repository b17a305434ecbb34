import { z } from "zod";
import { allow, isHidden } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { type Ctx, inTransaction } from "#lib/ctx";
import { AppError } from "#lib/errors";
import { readShownParams } from "#lib/secrets";
import { findPipeline, findStage } from "#lib/pipelines/registry";
import { RUN_PRIORITIES } from "#lib/runs/rules";
import { parseParams, shareParams } from "#lib/stages/rules";
import { MAX_SCHEDULES, MISFIRES, OVERLAPS } from "./fields.ts";
import { CronText, nextSlots, ZoneName } from "./rules.ts";

const Name = z
  .string()
  .trim()
  .min(1, { error: "Give it a name." })
  .max(80, { error: "A name has 80 characters at most." })
  .refine((text) => !/\p{Cc}/u.test(text) && text.isWellFormed(), { error: "A name must not hold control characters." })
  .refine((text) => !/^#?\d+$/.test(text), { error: "A name needs more than digits: those are numbers of schedules." });

/** What a schedule is, whole. */
export const ScheduleInput = z.strictObject({
  name: Name,
  pipeline: z.string().max(50),
  /** Null for every stage that takes part in Run all. */
  stage: z.string().max(50).nullable().default(null),
  params: z.record(z.string(), z.json()).default({}),
  cron: CronText,
  zone: ZoneName.default("UTC"),
  misfire: z.enum(MISFIRES).default("skip"),
  overlap: z.enum(OVERLAPS).default("skip"),
  /** Of the runs that the clock starts. */
  priority: z.enum(RUN_PRIORITIES).default("low"),
  paused: z.boolean().default(false),
});
export type ScheduleInput = z.input<typeof ScheduleInput>;

const Id = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);
export const ScheduleIdInput = z.strictObject({ id: Id });
export type ScheduleIdInput = z.infer<typeof ScheduleIdInput>;
/** `version` is the one that was seen: another has changed it when it is no longer so. */
export const SaveScheduleInput = ScheduleInput.extend({ id: Id, version: z.coerce.number().int().positive().optional() });
export type SaveScheduleInput = z.input<typeof SaveScheduleInput>;

/**
 * Makes a schedule. Its first slot is the first after now.
 *
 * @throws AppError INVALID for a bad field or parameter; NOT_FOUND for an unknown pipeline or stage; MISMATCH when the
 *   name is taken or there are as many as there may be.
 */
export async function createSchedule(ctx: Ctx, input: ScheduleInput): Promise<{ id: number }> {
  allow(ctx, "schedules.change");
  const schedule = ScheduleInput.parse(input);
  checkParams(schedule);
  checkOverlap(schedule);
  return inTransaction(ctx, async (tx) => {
    await checkName(tx, schedule.name);
    if ((await tx.db.schedule.count()) >= MAX_SCHEDULES) throw new AppError("MISMATCH", `There are ${MAX_SCHEDULES} schedules, the most there may be. Delete one first.`);
    const nextSlot = schedule.paused ? null : await firstSlotAfterNow(tx, schedule);
    const { id } = await tx.db.schedule.create({ data: { ...schedule, nextSlot, createdBy: tx.actor.name, updatedBy: tx.actor.name }, select: { id: true } });
    await audit(tx, { action: "schedule.save", object: `schedule/${id}`, after: told(schedule) });
    return { id: Number(id) };
  });
}

/**
 * Replaces a schedule whole. When its times stay as they are, so does the slot that is next, even when it is due. Whoever does
 * not see its parameters changes those that they give; the others stay, unless it now starts something else.
 *
 * @throws AppError as `createSchedule`; NOT_FOUND when it was deleted; CONFLICT when another has changed it since `version`.
 */
export async function saveSchedule(ctx: Ctx, input: SaveScheduleInput): Promise<{ id: number }> {
  allow(ctx, "schedules.change");
  const { id, version, ...schedule } = SaveScheduleInput.parse(input);
  return inTransaction(ctx, async (tx) => {
    await checkName(tx, schedule.name, id);
    const old = await lockSchedule(tx, id);
    if (version !== undefined && version !== old.version) {
      throw new AppError("CONFLICT", `${old.updatedBy} has changed "${old.name}" since you opened it. Look at it anew, and change it again.`, { details: { version: old.version } });
    }
    const kept = z.record(z.string(), z.json()).parse(old.params);
    const isUnseen = isHidden(ctx) && schedule.pipeline === old.pipeline && schedule.stage === old.stage;
    const params = isUnseen ? { ...kept, ...schedule.params } : z.record(z.string(), z.json()).parse(readShownParams(schedule.params, kept));
    checkParams({ ...schedule, params });
    checkOverlap(schedule);
    const isSameTime = schedule.cron === old.cron && schedule.zone === old.zone;
    const nextSlot = schedule.paused ? null : isSameTime && old.nextSlot ? old.nextSlot : await firstSlotAfterNow(tx, { ...schedule, lastSlot: old.lastSlot });
    await tx.db.schedule.update({ where: { id }, data: { ...schedule, params, nextSlot, updatedBy: tx.actor.name, updatedAt: new Date(), version: { increment: 1 } } });
    if (schedule.paused) await emptyLine(tx, id);
    await audit(tx, { action: "schedule.save", object: `schedule/${id}`, before: told(old), after: told(schedule) });
    return { id };
  });
}

export type PauseResult = { ok: boolean; paused: boolean; nextSlot: Date | null };

/**
 * Stops a schedule's clock; what has started goes on, and slots that wait are left out. `ok` is false when it stood still already.
 *
 * @throws AppError NOT_FOUND
 */
export async function pauseSchedule(ctx: Ctx, { id }: ScheduleIdInput): Promise<PauseResult> {
  allow(ctx, "schedules.change");
  return inTransaction(ctx, async (tx) => {
    const { paused } = await lockSchedule(tx, id);
    if (!paused) {
      await tx.db.schedule.update({ where: { id }, data: { paused: true, nextSlot: null, updatedBy: tx.actor.name, version: { increment: 1 } } });
      await emptyLine(tx, id);
      await audit(tx, { action: "schedule.pause", object: `schedule/${id}` });
    }
    return { ok: !paused, paused: true, nextSlot: null };
  });
}

/**
 * Lets a schedule's clock go on from now: slots that passed meanwhile are not made up for. `ok` is false when it ran already.
 *
 * @throws AppError NOT_FOUND
 */
export async function resumeSchedule(ctx: Ctx, { id }: ScheduleIdInput): Promise<PauseResult> {
  allow(ctx, "schedules.change");
  return inTransaction(ctx, async (tx) => {
    const schedule = await lockSchedule(tx, id);
    if (!schedule.paused) return { ok: false, paused: false, nextSlot: schedule.nextSlot };
    const nextSlot = await firstSlotAfterNow(tx, schedule);
    await tx.db.schedule.update({ where: { id }, data: { paused: false, nextSlot, updatedBy: tx.actor.name, version: { increment: 1 } } });
    await audit(tx, { action: "schedule.resume", object: `schedule/${id}` });
    return { ok: true, paused: false, nextSlot };
  });
}

/** Takes a schedule and the list of its slots away. Its runs stay. @throws AppError NOT_FOUND */
export async function deleteSchedule(ctx: Ctx, { id }: ScheduleIdInput): Promise<void> {
  allow(ctx, "schedules.change");
  await inTransaction(ctx, async (tx) => {
    const before = await lockSchedule(tx, id);
    await tx.db.schedule.delete({ where: { id } });
    await audit(tx, { action: "schedule.delete", object: `schedule/${id}`, before: told(before) });
  });
}

/** A schedule as the audit log has it: of its parameters the names. */
const told = ({ name, pipeline, stage, params, cron, zone, misfire, overlap, paused }: Omit<z.output<typeof ScheduleInput>, "params"> & { params: unknown }) =>
  ({ name, pipeline, stage, params: Object.keys(Object(params)), cron, zone, misfire, overlap, paused });

const noSchedule = (id: number) => new AppError("NOT_FOUND", `No schedule ${id}. Somebody may have deleted it.`);

/** The schedule, which nobody else changes or decides slots of until the transaction ends. @throws AppError NOT_FOUND */
export async function lockSchedule({ db }: Ctx, id: number) {
  await db.$queryRaw`select 1 from schedules where id = ${id}::bigint for update`;
  const schedule = await db.schedule.findUnique({ where: { id } });
  if (!schedule) throw noSchedule(id);
  return schedule;
}

/** The database's clock, whatever this machine's says. */
async function databaseNow({ db }: Ctx): Promise<Date> {
  const [row] = await db.$queryRaw<{ now: Date }[]>`select clock_timestamp()::timestamptz(3) as now`;
  if (!row) throw new Error("The database did not say what time it is");
  return row.now;
}

/** No slot that has been decided comes again, even when the database's clock was set back. */
async function firstSlotAfterNow(ctx: Ctx, { cron, zone, lastSlot = null }: { cron: string; zone: string; lastSlot?: Date | null }): Promise<Date> {
  const now = await databaseNow(ctx);
  const [slot] = nextSlots(cron, zone, lastSlot && lastSlot > now ? lastSlot : now, 1);
  if (!slot) throw new AppError("INVALID", "It never fires again.", { faults: [{ path: "cron", message: "It never fires again." }] });
  return slot;
}

async function checkName({ db }: Ctx, name: string, own?: number): Promise<void> {
  // One at a time: the names and the count must be those that are written.
  await db.$queryRaw`select pg_advisory_xact_lock(hashtextextended('schedules', 0))::text`;
  const other = await db.schedule.findUnique({ where: { name }, select: { id: true } });
  if (other && Number(other.id) !== own) throw new AppError("MISMATCH", `There is a schedule "${name}" already.`, { faults: [{ path: "name", message: "There is a schedule of this name already." }] });
}

/** Slots that wait are left out. */
const emptyLine = ({ db }: Ctx, id: number) =>
  db.scheduleSlot.updateMany({ where: { scheduleId: id, outcome: "waiting" }, data: { outcome: "skipped", reason: "The schedule was paused while it waited" } });

/** @throws AppError INVALID: of a group each run comes after those it needs, so that none may stand for an older one */
function checkOverlap({ stage, overlap }: Pick<z.output<typeof ScheduleInput>, "stage" | "overlap">): void {
  if (stage !== null || overlap !== "join") return;
  const message = "All of a pipeline joins no run: choose a stage, or leave the slot out or let it wait.";
  throw new AppError("INVALID", message, { faults: [{ path: "overlap", message }] });
}

/** @throws AppError NOT_FOUND; INVALID as a run with these parameters would be refused */
function checkParams({ pipeline: name, stage, params }: Pick<z.output<typeof ScheduleInput>, "pipeline" | "stage" | "params">): void {
  if (stage !== null) {
    parseParams(findStage(name, stage), params);
    return;
  }
  const pipeline = findPipeline(name);
  const stages = pipeline.stages.filter(({ manual }) => !manual);
  if (stages.length === 0) throw new AppError("INVALID", `Pipeline ${name} has no stage that takes part in Run all.`);
  stages.forEach(shareParams(pipeline, stages, params));
}
