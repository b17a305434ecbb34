/**
 * Runs that the clock starts. Any number of workers may look at once: a schedule is locked while its slots are decided,
 * a slot's row, its run and its job are written in one transaction, and the key of `schedule_slots` makes a second run
 * for a slot impossible. Time is the database's.
 */
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { type Actor, type Ctx, inTransaction } from "#lib/ctx";
import { sql } from "#lib/db/client";
import type { Schedule } from "#lib/db/generated/client";
import { AppError, messageOf } from "#lib/errors";
import { failpoint } from "#lib/failpoint";
import { PIPELINES } from "#lib/pipelines/registry";
import { GRACE_MS, KEPT_SLOTS, MAX_MISSED, type SlotOutcome } from "#lib/schedules/fields";
import { lockSchedule, type ScheduleIdInput } from "#lib/schedules/mutations";
import { newestSlots, nextSlots, planSlots, slotName, waitsWhenBusy } from "#lib/schedules/rules";
import { listCapabilities } from "#lib/workers/rules";
import { triggerAll, triggerRun } from "./trigger.ts";

/** Schedules that one look takes on; what is left comes at the next, a second later. */
const AT_ONCE = 200;
/** Slots in line that one look may start: more only where a stage lets its runs overlap. */
const LINE_AT_ONCE = 10;

/** Living workers that know what schedule `s` is for: what this process does not know is theirs, and refused only when nobody does. */
const KNOWN_ELSEWHERE = sql`
  select 1 from workers w
   where w.stopped_at is null and w.heartbeat_at > now() - interval '10 s'
     and exists (select 1 from unnest(w.stages) stage where case when s.stage is null then starts_with(stage, s.pipeline || '/') else stage = s.pipeline || '/' || s.stage end)`;

/**
 * Decides the slots that are due, and starts those in line whose stage is free. Each schedule is its own transaction:
 * one that breaks leaves the others standing, and is tried again at the next look.
 *
 * @returns how many schedules were looked at
 * @throws the first error that was no refusal, when all others have been looked at
 */
export async function tickSchedules(ctx: Ctx): Promise<number> {
  const known = [...listCapabilities(PIPELINES), ...PIPELINES.map(({ name }) => `${name}/`)];
  const due = await ctx.db.$queryRaw<{ id: bigint }[]>`
    select s.id from schedules s
     where (s.next_slot <= now() or exists (select 1 from schedule_slots t where t.schedule_id = s.id and t.outcome = 'waiting'))
       and (concat(s.pipeline, '/', s.stage) = any(${known}::text[]) or not exists (${KNOWN_ELSEWHERE}))
     order by s.next_slot
     limit ${AT_ONCE}::int`;
  const errors: unknown[] = [];
  for (const { id } of due) await decideSchedule(ctx, Number(id)).catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw errors[0];
  return due.length;
}

/** @throws AppError NOT_FOUND; CONFLICT with the run in the way, and as `triggerRun` does */
export async function runScheduleNow(ctx: Ctx, { id }: ScheduleIdInput): Promise<{ runIds: number[] }> {
  allow(ctx, "runs.trigger");
  return inTransaction(ctx, async (tx) => {
    const runIds = await trigger({ ...tx, isPart: true }, await lockSchedule(tx, id));
    // The clock's slots are whole seconds: one that a person asked for is never taken for one of them.
    await tx.db.$executeRaw`
      insert into schedule_slots (schedule_id, slot, outcome, run_id, asked_by)
      select ${id}::bigint, case when at = date_trunc('second', at) then at + interval '1 ms' else at end, 'started', ${runIds[0] ?? null}::bigint, ${ctx.actor.name}
        from (select clock_timestamp()::timestamptz(3) as at) clock
      on conflict do nothing`;
    await audit(tx, { action: "schedule.run", object: `schedule/${id}`, after: { runIds } });
    return { runIds };
  });
}

/** Decides what is due of one schedule, unless another worker is at it. */
async function decideSchedule(ctx: Ctx, id: number): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const [locked] = await tx.db.$queryRaw<{ now: Date; waiting: boolean }[]>`
      select clock_timestamp()::timestamptz(3) as now, exists (select 1 from schedule_slots w where w.schedule_id = s.id and w.outcome = 'waiting') as waiting
        from schedules s
       where id = ${id}::bigint and not paused
         for update skip locked`;
    if (!locked) return;
    const { now } = locked;
    const schedule = await tx.db.schedule.findUniqueOrThrow({ where: { id } });
    const left = locked.waiting ? await startLine(tx, schedule) : 0;
    if (!schedule.nextSlot || schedule.nextSlot > now) return;
    if ((await decideSlots(tx, schedule, schedule.nextSlot, { now, waiting: left })) > left) await startLine(tx, schedule);
    await failpoint("slot.decided");
  });
  await failpoint("slot.committed");
}

/** @returns how many wait now */
async function decideSlots(tx: Ctx, schedule: Schedule, since: Date, { now, waiting: before }: { now: Date; waiting: number }): Promise<number> {
  const { id, cron, zone } = schedule;
  const missed = newestSlots(cron, zone, { since, until: now, n: MAX_MISSED });
  // The rules of a zone may have changed since the slot was found: it is kept as it was announced.
  const due = missed.slots.length > 0 ? missed.slots : [since];
  const skipped: { slot: Date; reason: string }[] = [];
  if (missed.isMore) skipped.push({ slot: since, reason: `Missed, like all before ${slotName(due[0] ?? since)}: no worker was there` });

  let waiting = before;
  for (const plan of planSlots(due, { now, misfire: schedule.misfire, waiting })) {
    if (plan.act === "skip") skipped.push(plan);
    else if (plan.act === "wait") waiting += await claimSlot(tx, id, plan.slot, "waiting", "A slot before it comes first");
    else if (await decideSlot(tx, schedule, plan.slot, { waiting, isLate: now.getTime() - plan.slot.getTime() > GRACE_MS }) === "waiting") waiting += 1;
  }
  if (skipped.length > 0) await tx.db.scheduleSlot.createMany({ data: skipped.map(({ slot, reason }) => ({ scheduleId: id, slot, outcome: "skipped" as const, reason })), skipDuplicates: true });

  const last = due.at(-1) ?? since;
  const [next] = nextSlots(cron, zone, last > now ? last : now, 1);
  if (!next) throw new Error(`Schedule ${id} has no slot after ${slotName(now)}`);
  await tx.db.schedule.update({ where: { id }, data: { nextSlot: next, lastSlot: last, updatedAt: schedule.updatedAt }, select: { id: true } });
  await tx.db.$executeRaw`
    delete from schedule_slots
     where schedule_id = ${id} and outcome <> 'waiting'
       and slot < (select slot from schedule_slots where schedule_id = ${id} order by slot desc offset ${KEPT_SLOTS - 1}::int limit 1)`;
  return waiting;
}

/** Starts a slot's run, or says why not. What was decided before stays as it was. */
async function decideSlot(tx: Ctx, schedule: Schedule, slot: Date, line: { waiting: number; isLate: boolean }): Promise<SlotOutcome | null> {
  const { id } = schedule;
  if ((await claimSlot(tx, id, slot, "started")) === 0) return null;
  await failpoint("slot.claimed");
  const tried = line.waiting > 0 ? { busy: "A slot before it still waits" } : await tryTrigger(tx, schedule);
  if ("runId" in tried) return recordOutcome(tx, id, slot, "started", null, tried.runId);
  if ("refused" in tried) return recordOutcome(tx, id, slot, "refused", tried.refused);
  return recordOutcome(tx, id, slot, waitsWhenBusy(schedule, line) ? "waiting" : "skipped", tried.busy);
}

/** Starts the slots in line, oldest first, until the stage is busy. @returns how many still wait */
async function startLine(tx: Ctx, schedule: Schedule): Promise<number> {
  const line = await tx.db.scheduleSlot.findMany({ where: { scheduleId: schedule.id, outcome: "waiting" }, orderBy: { slot: "asc" }, select: { slot: true } });
  for (const [place, { slot }] of line.entries()) {
    const tried = place < LINE_AT_ONCE ? await tryTrigger(tx, schedule) : { busy: "" };
    if ("busy" in tried) return line.length - place;
    if ("runId" in tried) await recordOutcome(tx, schedule.id, slot, "started", null, tried.runId);
    else await recordOutcome(tx, schedule.id, slot, "refused", tried.refused);
  }
  return 0;
}

type Tried = { runId: number } | { busy: string } | { refused: string };

/**
 * Triggers what the schedule is for. A refusal takes back only its own writes (several stages may have begun) and is an
 * answer; what the database itself complains of is thrown, and the slot stays due.
 */
async function tryTrigger(tx: Ctx, schedule: Schedule): Promise<Tried> {
  await tx.db.$executeRaw`savepoint trigger`;
  try {
    const actor: Actor = { kind: "worker", name: schedule.name };
    const [runId] = await trigger({ ...tx, actor }, schedule);
    if (runId === undefined) throw new Error("Nothing was triggered");
    await failpoint("slot.triggered");
    await tx.db.$executeRaw`release savepoint trigger`;
    return { runId };
  } catch (error) {
    if (error instanceof Error && /^(Prisma|DriverAdapter)/.test(error.name)) throw error;
    await tx.db.$executeRaw`rollback to savepoint trigger`;
    if (!(error instanceof AppError) || error.code !== "CONFLICT") return { refused: messageOf(error) };
    // Nothing is in the way any more: the slot stays due, and the next look starts it.
    if (typeof error.details.runId !== "number") throw error;
    return { busy: `#${error.details.runId} was still going on` };
  }
}

async function trigger(ctx: Ctx, { pipeline, stage, params: stored }: Schedule): Promise<number[]> {
  const params = stored as Record<string, unknown>;
  if (stage === null) return (await triggerAll(ctx, { pipeline, params })).runIds;
  return [(await triggerRun(ctx, { pipeline, stage, params })).runId];
}

/** Makes the slot's row. @returns 0 when it has been decided before */
async function claimSlot({ db }: Ctx, scheduleId: bigint, slot: Date, outcome: SlotOutcome, reason: string | null = null): Promise<number> {
  const { count } = await db.scheduleSlot.createMany({ data: [{ scheduleId, slot, outcome, reason }], skipDuplicates: true });
  return count;
}

async function recordOutcome({ db }: Ctx, scheduleId: bigint, slot: Date, outcome: SlotOutcome, reason: string | null, runId?: number): Promise<SlotOutcome> {
  await db.$executeRaw`
    update schedule_slots set outcome = ${outcome}::slot_outcome, reason = ${reason}, run_id = ${runId ?? null}::bigint, decided_at = clock_timestamp()
     where schedule_id = ${scheduleId} and slot = ${slot}`;
  return outcome;
}
