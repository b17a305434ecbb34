import { createHash } from "node:crypto";
import { z } from "zod";
import type { Ctx } from "#lib/ctx";
import { sql, type Sql } from "#lib/db/client";
import { storable } from "#lib/db/storable";
import { AppError } from "#lib/errors";
import { VERSION } from "#lib/version";
import { ERROR_GROUP_STATUSES, type ErrorGroupStatus, type Failure, normaliseMessage, normaliseStep, SAMPLE_MAX } from "./rules.ts";

/** Hours of a group that are kept: what its sparkline shows and a day to spare. */
const HOURS_KEPT_DAYS = 15;

export type FailedUnit = { runId: number; unitSeq: number | null; pipeline: string; stage: string };

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
             clock_timestamp(), clock_timestamp(), ${VERSION}, ${VERSION}
        from failure
       order by fingerprint
      on conflict (fingerprint) do update
         set count = g.count + excluded.count,
             runs = g.runs + case when exists (select 1 from error_occurrences o where o.run_id = ${unit.runId}::bigint and o.group_id = g.id) then 0 else 1 end,
             sample_message = excluded.sample_message, version_last = excluded.version_last, last_seen = greatest(g.last_seen, excluded.last_seen),
             status      = case when g.status = 'resolved' then 'open'             else g.status      end,
             reopened_at = case when g.status = 'resolved' then excluded.last_seen else g.reopened_at end,
             reopened_by = case when g.status = 'resolved' then null               else g.reopened_by end,
             regressions = case when g.status = 'resolved' then g.regressions + 1  else g.regressions end
      returning id, fingerprint, last_seen
    ), run as (
      insert into error_occurrences as o (run_id, group_id, count, unit_seq, step_seq, first_at, last_at)
      select ${unit.runId}::bigint, met.id, failure.count, ${unit.unitSeq}::int, failure.step_seq, met.last_seen, met.last_seen
        from met
        join failure using (fingerprint)
      on conflict (run_id, group_id) do update set count = o.count + excluded.count, last_at = excluded.last_at
    ), old as (
      delete from error_group_hours h
       using met
       where h.group_id = met.id and h.hour < met.last_seen - ${HOURS_KEPT_DAYS} * interval '1 day'
    )
    insert into error_group_hours as h (group_id, hour, count)
    select met.id, date_trunc('hour', met.last_seen, 'UTC'), failure.count
      from met
      join failure using (fingerprint)
    on conflict (group_id, hour) do update set count = h.count + excluded.count`;
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
export const resolveErrorGroup = (ctx: Ctx, input: ErrorGroupInput): Promise<ErrorGroupChange> =>
  changeStatus(ctx, input, "resolved", sql`resolved_at = clock_timestamp(), resolved_by = ${ctx.actor.name}`);

/** Takes the group out of the open ones for good: it goes on counting and stays ignored until somebody reopens it. */
export const ignoreErrorGroup = (ctx: Ctx, input: ErrorGroupInput): Promise<ErrorGroupChange> =>
  changeStatus(ctx, input, "ignored", sql`ignored_at = clock_timestamp(), ignored_by = ${ctx.actor.name}`);

/** Opens a group that was resolved or ignored. Not a regression: a person did it. */
export const reopenErrorGroup = (ctx: Ctx, input: ErrorGroupInput): Promise<ErrorGroupChange> =>
  changeStatus(ctx, input, "open", sql`reopened_at = clock_timestamp(), reopened_by = ${ctx.actor.name}`);

/** The guard is in the `where`: of two that press the same at once one changes the group and the other is told that it is so already. */
async function changeStatus(ctx: Ctx, { groupId }: ErrorGroupInput, to: ErrorGroupStatus, marks: Sql): Promise<ErrorGroupChange> {
  const changed = await ctx.db.$executeRaw`
    update error_groups set status = ${to}::error_group_status, ${marks}
     where id = ${groupId}::bigint and status <> ${to}::error_group_status`;
  if (changed > 0) return { ok: true, status: to };
  const rows = await ctx.db.$queryRaw`select status::text from error_groups where id = ${groupId}::bigint`;
  const [group] = z.array(z.object({ status: z.enum(ERROR_GROUP_STATUSES) })).parse(rows);
  if (!group) throw new AppError("NOT_FOUND", `No error group ${groupId}.`);
  return { ok: false, reason: "already", status: group.status };
}
