import { z } from "zod";
import { type Ctx, onCommit } from "#lib/ctx";
import { join, KEPT, sql } from "#lib/db/client";
import { timeMetric } from "#lib/metrics/recorder";
import { isFinal, NEXT_STATUSES, RUN_STATUSES, type RunStatus } from "./rules.ts";

export type StatusChange = {
  /** Why, in words: for skipped, cancelled and partial runs. */
  reason?: string;
  errorClass?: string;
  errorMessage?: string;
};

const ChangedRun = z.object({ id: z.coerce.number(), group_id: z.coerce.number().nullable(), exclusive_key: z.string().nullable(), in_line: z.boolean(), pipeline: z.string(), duration_ms: z.number().nullable() });
export type ChangedRun = { id: number; groupId: number | null; exclusiveKey: string | null; /** It only stood in line for its key. */ inLine: boolean };

/**
 * The one way in which a run's status changes: the run, its event and the notification in one statement.
 *
 * The statuses that it may come from are in the `where`, so of two that end a run at once exactly one succeeds.
 * Returns null when the run was not in such a status. Time is the database's.
 */
export async function changeRunStatus(ctx: Ctx, runId: number, to: RunStatus, change: StatusChange = {}): Promise<ChangedRun | null> {
  const from = RUN_STATUSES.filter((status) => NEXT_STATUSES[status].includes(to));
  const rows = await ctx.db.$queryRaw`${KEPT}
    with changed as (
      update runs
         set status        = ${to}::run_status,
             started_at    = case when ${to === "running"} then clock_timestamp() else started_at end,
             completed_at  = case when ${isFinal(to)} then clock_timestamp() end,
             duration_ms   = case when ${isFinal(to)} then least(extract(epoch from clock_timestamp() - started_at) * 1000, 2147483647) end,
             reason        = coalesce(${change.reason ?? null}, reason),
             error_class   = coalesce(${change.errorClass ?? null}, error_class),
             error_message = coalesce(${change.errorMessage ?? null}, error_message)
       where id = ${runId}
         and status in (${join(from.map((status) => sql`${status}::run_status`))})
      returning id, group_id, exclusive_key, in_line, pipeline, stage, status, items_processed, items_failed, duration_ms, error_message
    ), event as (
      insert into run_events (run_id, type, actor, data)
      select id, 'run.' || status, ${ctx.actor.name},
             jsonb_build_object('pipeline', pipeline, 'stage', stage, 'status', status, 'itemsProcessed', items_processed,
                                'itemsFailed', items_failed, 'durationMs', duration_ms, 'error', left(error_message, 300))
        from changed
    )
    select id, group_id, exclusive_key, in_line, pipeline, duration_ms, pg_notify('penstock', json_build_object('run', id)::text)::text from changed`;
  const [row] = z.array(ChangedRun).parse(rows);
  if (row && row.duration_ms !== null) {
    const { pipeline, duration_ms: durationMs } = row;
    onCommit(ctx, () => timeMetric("app_run_duration_seconds", { pipeline }, durationMs / 1_000));
  }
  return row ? { id: row.id, groupId: row.group_id, exclusiveKey: row.exclusive_key, inLine: row.in_line } : null;
}

/**
 * An event about a run whose status stays as it is (`run.pending` when it is made, `run.cancel_requested`). It says what
 * triggered the run, and of which it is a retry, so that the feed can tell a person's act from a schedule's; `more` joins its data.
 */
export async function recordRunEvent(ctx: Ctx, runId: number, type: string, more: Record<string, string | number | boolean> = {}): Promise<void> {
  await ctx.db.$queryRaw`${KEPT}
    with event as (
      insert into run_events (run_id, type, actor, data)
      select id, ${type}, ${ctx.actor.name}, jsonb_strip_nulls(jsonb_build_object('pipeline', pipeline, 'stage', stage, 'status', status, 'triggeredBy', triggered_by, 'retryOf', retry_of)) || ${JSON.stringify(more)}::jsonb
        from runs where id = ${runId}
      returning run_id
    )
    select pg_notify('penstock', json_build_object('run', run_id)::text)::text from event`;
}
