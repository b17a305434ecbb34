import { createHash } from "node:crypto";
import { z } from "zod";
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { type Ctx, inTransaction } from "#lib/ctx";
import { empty, sql, type Sql } from "#lib/db/client";
import { storable } from "#lib/db/storable";
import { AppError } from "#lib/errors";
import { VERSION } from "#lib/version";
import { ERROR_GROUP_STATUSES, type ErrorGroupStatus, type Failure, FailureTally, normaliseMessage, normaliseStep, SAMPLE_MAX } from "./rules.ts";

/** Hours of a group that are kept: what its sparkline shows and a day to spare. */
const HOURS_KEPT_DAYS = 15;

export type FailedUnit = {
  runId: number;
  unitSeq: number | null;
  pipeline: string;
  stage: string;
  /** When it failed, for what is recorded afterwards; now otherwise. */
  at?: Date;
};

/** What makes two failures the same, as 64 hexadecimal digits. */
export const fingerprintOf = (failure: { pipeline: string; stage: string; step: string | null; errorClass: string; normalised: string }): string =>
  createHash("sha256").update(JSON.stringify([failure.pipeline, failure.stage, failure.step, failure.errorClass, failure.normalised])).digest("hex");

/**
 * Counts failures of one unit in their groups: the group, its run and its hour, in one statement.
 *
 * To be called last in the transaction in which the unit ends, after its locks on unit and run: groups are locked in the
 * order of their fingerprints, after every other lock and for no longer than the commit takes, so nobody who waits for a
 * group holds what its owner still wants. A group that was resolved is open again; an ignored one stays so and counts.
 */
export async function recordFailures(ctx: Ctx, unit: FailedUnit, failures: Failure[]): Promise<void> {
  if (failures.length === 0) return;
  const kinds = new Map<string, { count: number; [column: string]: string | number | null }>();
  for (const { step, stepSeq, errorClass, message, count } of failures) {
    const kind = { pipeline: unit.pipeline, stage: unit.stage, step: step && normaliseStep(step), error_class: storable(errorClass).slice(0, 200), normalised_message: storable(normaliseMessage(message)) };
    const fingerprint = fingerprintOf({ ...kind, errorClass: kind.error_class, normalised: kind.normalised_message });
    const known = kinds.get(fingerprint);
    if (known) known.count += count;
    else kinds.set(fingerprint, { ...kind, fingerprint, step_seq: stepSeq, count, sample_message: storable(message.slice(0, SAMPLE_MAX)) });
  }
  await ctx.db.$executeRaw`
    with failure as (
      select *
        from jsonb_to_recordset(${JSON.stringify([...kinds.values()])}::jsonb)
          as f(fingerprint text, pipeline text, stage text, step text, error_class text, sample_message text, normalised_message text, step_seq int, count int)
    ), met as (
      insert into error_groups as g (fingerprint, pipeline, stage, step, error_class, sample_message, normalised_message, count, runs,
                                     first_seen, last_seen, version_first, version_last)
      select fingerprint, pipeline, stage, step, error_class, sample_message, normalised_message, count, 1,
             coalesce(${unit.at ?? null}::timestamptz, clock_timestamp()), coalesce(${unit.at ?? null}::timestamptz, clock_timestamp()), ${VERSION}, ${VERSION}
        from failure
       order by fingerprint
      on conflict (fingerprint) do update
         set count = g.count + excluded.count,
             runs = g.runs + case when exists (select 1 from error_occurrences o where o.run_id = ${unit.runId}::bigint and o.group_id = g.id) then 0 else 1 end,
             sample_message = excluded.sample_message, version_last = excluded.version_last,
             first_seen = least(g.first_seen, excluded.first_seen), last_seen = greatest(g.last_seen, excluded.last_seen),
             status      = case when g.status = 'resolved' and g.resolved_at < excluded.last_seen then 'open'             else g.status      end,
             reopened_at = case when g.status = 'resolved' and g.resolved_at < excluded.last_seen then excluded.last_seen else g.reopened_at end,
             reopened_by = case when g.status = 'resolved' and g.resolved_at < excluded.last_seen then null               else g.reopened_by end,
             regressions = case when g.status = 'resolved' and g.resolved_at < excluded.last_seen then g.regressions + 1  else g.regressions end
      returning id, fingerprint, coalesce(${unit.at ?? null}::timestamptz, last_seen) as at
    ), run as (
      insert into error_occurrences as o (run_id, group_id, count, unit_seq, step_seq, first_at, last_at)
      select ${unit.runId}::bigint, met.id, failure.count, ${unit.unitSeq}::int, failure.step_seq, met.at, met.at
        from met
        join failure using (fingerprint)
      on conflict (run_id, group_id) do update set count = o.count + excluded.count, last_at = greatest(o.last_at, excluded.last_at)
    ), old as (
      delete from error_group_hours h
       using met
       where h.group_id = met.id and h.hour < clock_timestamp() - ${HOURS_KEPT_DAYS} * interval '1 day'
    )
    insert into error_group_hours as h (group_id, hour, count)
    select met.id, date_trunc('hour', met.at, 'UTC'), failure.count
      from met
      join failure using (fingerprint)
     where met.at > clock_timestamp() - ${HOURS_KEPT_DAYS} * interval '1 day'
    on conflict (group_id, hour) do update set count = h.count + excluded.count`;
}

export const GroupEarlierInput = z.strictObject({
  /** Only these; every run that failed otherwise. */
  runIds: z.array(z.int().positive()).optional(),
  limit: z.int().min(1).max(10_000).default(1_000),
});

const EarlierRun = z.object({ id: z.coerce.number(), pipeline: z.string(), stage: z.string(), at: z.date() });
const EarlierFailure = z.object({ unit_seq: z.number().nullable(), step: z.string().nullable(), step_seq: z.number().nullable(), error_class: z.string().nullable(), error: z.string() });
/** Failures of one earlier run that are looked at; more of the same say no more. */
const EARLIER_MAX = 500;

/**
 * Groups the failures of runs that ended before there were groups, or that were written by another program: from their
 * failed steps, else their failed units, else their own error. A run that has been grouped is left out, so it may be repeated.
 * The oldest first, each run in a transaction of its own unless the caller is in one. Returns how many runs were looked at.
 */
export async function groupEarlierFailures(ctx: Ctx, input: z.input<typeof GroupEarlierInput> = {}): Promise<{ runs: number }> {
  allow(ctx, "errors.resolve");
  const { runIds, limit } = GroupEarlierInput.parse(input);
  const rows = await ctx.db.$queryRaw`
    select r.id, r.pipeline, r.stage, r.completed_at as at
      from runs r
     where r.status in ('failed', 'partial') ${runIds ? sql`and r.id = any(${runIds}::bigint[])` : empty}
       and not exists (select 1 from error_occurrences o where o.run_id = r.id)
       and (r.error_message is not null or exists (select 1 from run_units u where u.run_id = r.id and u.status = 'failed' and u.error is not null))
     order by r.id
     limit ${limit}::int`;
  const runs = z.array(EarlierRun).parse(rows);
  const [first, last] = [runs[0], runs.at(-1)];
  // Before the first, so that none is grouped without it.
  if (first && last) await audit(ctx, { action: "error-group.collect", object: "error-groups", after: { runs: runs.length, from: Number(first.id), to: Number(last.id) } });
  for (const run of runs) await inTransaction(ctx, (tx) => groupEarlierRun(tx, run));
  return { runs: runs.length };
}

async function groupEarlierRun(ctx: Ctx, run: z.infer<typeof EarlierRun>): Promise<void> {
  const rows = await ctx.db.$queryRaw`
    with held as (
      select id, error_class, error_message from runs
       where id = ${run.id}::bigint and not exists (select 1 from error_occurrences o where o.run_id = runs.id)
         for no key update
    ), step as (
      select s.unit_seq, s.step_name, s.seq, s.error_class, s.error
        from run_steps s, held
       where s.run_id = held.id and s.status = 'error' and s.error is not null
         and not exists (select 1 from run_steps inner_step where inner_step.run_id = s.run_id and inner_step.parent_seq = s.seq and inner_step.status = 'error')
       order by s.seq
       limit ${EARLIER_MAX}::int
    ), unit as (
      select u.seq, u.error_class, u.error
        from run_units u, held
       where u.run_id = held.id and u.status <> 'cancelled' and u.error is not null
         and not exists (select 1 from step)
       order by u.seq
       limit ${EARLIER_MAX}::int
    )
    select unit_seq, step_name as step, seq as step_seq, error_class, error from step
    union all
    select seq, null, null, error_class, error from unit
    union all
    select null, null, null, error_class, error_message from held
     where error_message is not null and not exists (select 1 from step) and not exists (select 1 from unit)`;
  const tally = new FailureTally();
  const failures = z.array(EarlierFailure).parse(rows);
  for (const { step, step_seq, error_class, error } of failures) tally.add({ step, stepSeq: step_seq, errorClass: error_class ?? "Error", message: error });
  await recordFailures(ctx, { runId: run.id, unitSeq: failures[0]?.unit_seq ?? null, pipeline: run.pipeline, stage: run.stage, at: run.at }, tally.list());
}

/**
 * Takes runs out of their groups, with what they counted, as if they had never been; a group of nothing else goes.
 * For runs that were made up. To be called before they are deleted, in the same transaction; the hours stay as they are.
 */
export async function forgetFailuresOf(ctx: Ctx, runIds: readonly (number | bigint)[]): Promise<void> {
  await ctx.db.$executeRaw`
    with gone as (
      delete from error_occurrences where run_id = any(${[...runIds]}::bigint[]) returning group_id, count
    ), sum as (
      select group_id, count(*)::int as runs, sum(count) as count from gone group by group_id
    )
    update error_groups g set runs = g.runs - sum.runs, count = g.count - sum.count
      from sum
     where g.id = sum.group_id`;
  await ctx.db.$executeRaw`delete from error_groups where runs <= 0 and count <= 0`;
}

export const ErrorGroupInput = z.strictObject({ groupId: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER) });
export type ErrorGroupInput = z.infer<typeof ErrorGroupInput>;
/** `already` is the status that the group had before, when it is the one that was asked for. */
export type ErrorGroupChange = { ok: true; status: ErrorGroupStatus } | { ok: false; reason: "already"; status: ErrorGroupStatus };

/**
 * Says that the cause is gone. Should the error come back, the group opens again by itself and is marked as a regression.
 *
 * @throws AppError NOT_FOUND when no group has this id; the same of the two below.
 */
export async function resolveErrorGroup(ctx: Ctx, input: ErrorGroupInput): Promise<ErrorGroupChange> {
  allow(ctx, "errors.resolve");
  return changeStatus(ctx, input, "resolved", sql`resolved_at = clock_timestamp(), resolved_by = ${ctx.actor.name}`);
}

/** Takes the group out of the open ones for good: it goes on counting and stays ignored until somebody reopens it. */
export async function ignoreErrorGroup(ctx: Ctx, input: ErrorGroupInput): Promise<ErrorGroupChange> {
  allow(ctx, "errors.resolve");
  return changeStatus(ctx, input, "ignored", sql`ignored_at = clock_timestamp(), ignored_by = ${ctx.actor.name}`);
}

/** Opens a group that was resolved or ignored. Not a regression: a person did it. */
export async function reopenErrorGroup(ctx: Ctx, input: ErrorGroupInput): Promise<ErrorGroupChange> {
  allow(ctx, "errors.resolve");
  return changeStatus(ctx, input, "open", sql`reopened_at = clock_timestamp(), reopened_by = ${ctx.actor.name}`);
}

const ACTION_OF = { resolved: "error-group.resolve", ignored: "error-group.ignore", open: "error-group.reopen" } as const satisfies Record<ErrorGroupStatus, string>;

/** The guard is in the `where`: of two that press the same at once one changes the group and the other is told that it is so already. */
async function changeStatus(ctx: Ctx, { groupId }: ErrorGroupInput, to: ErrorGroupStatus, marks: Sql): Promise<ErrorGroupChange> {
  const changed = await inTransaction(ctx, async (tx) => {
    const [before] = await tx.db.$queryRaw<{ status: string }[]>`
      with before as (select id, status::text from error_groups where id = ${groupId}::bigint and status <> ${to}::error_group_status for update)
      update error_groups g set status = ${to}::error_group_status, ${marks}
        from before where g.id = before.id
      returning before.status`;
    if (before) await audit(tx, { action: ACTION_OF[to], object: `error-group/${groupId}`, before, after: { status: to } });
    return before !== undefined;
  });
  if (changed) return { ok: true, status: to };
  const rows = await ctx.db.$queryRaw`select status::text from error_groups where id = ${groupId}::bigint`;
  const [group] = z.array(z.object({ status: z.enum(ERROR_GROUP_STATUSES) })).parse(rows);
  if (!group) throw new AppError("NOT_FOUND", `No error group ${groupId}.`);
  return { ok: false, reason: "already", status: group.status };
}
