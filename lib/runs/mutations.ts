import { z } from "zod";
import { type Ctx, onCommit } from "#lib/ctx";
import { join, KEPT, type Sql, sql } from "#lib/db/client";
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
 * The one way in which the status of runs changes, those that `which` selects, with their events: two parts of a `with`, of
 * which the first is `changed`. The statuses that they may come from are in the `where`, so of two that end a run at once
 * exactly one succeeds. Time is the database's, and a run's time limit counts from when it begins. Whoever uses it tells
 * those who watch: `TOLD`.
 */
export function statusChange({ actor }: Ctx, which: Sql, to: RunStatus, change: StatusChange = {}): Sql {
  const from = RUN_STATUSES.filter((status) => NEXT_STATUSES[status].includes(to));
  return sql`
    changed as (
      update runs
         set status        = ${to}::run_status,
             started_at    = case when ${to === "running"} then clock_timestamp() else started_at end,
             deadline_at   = case when ${to === "running"} then clock_timestamp() + (config_snapshot #>> '{timeouts,runMs}')::float8 * interval '1 ms' else deadline_at end,
             completed_at  = case when ${isFinal(to)} then clock_timestamp() end,
             duration_ms   = case when ${isFinal(to)} then least(extract(epoch from clock_timestamp() - started_at) * 1000, 2147483647) end,
             reason        = coalesce(${change.reason ?? null}, reason),
             error_class   = coalesce(${change.errorClass ?? null}, error_class),
             error_message = coalesce(${change.errorMessage ?? null}, error_message)
       where ${which}
         and status in (${join(from.map((status) => sql`${status}::run_status`))})
      returning id, group_id, exclusive_key, in_line, pipeline, stage, status, items_processed, items_failed, duration_ms, error_message
    ), event as (
      insert into run_events (run_id, type, actor, data)
      select id, 'run.' || status, ${actor.name},
             jsonb_build_object('pipeline', pipeline, 'stage', stage, 'status', status, 'itemsProcessed', items_processed,
                                'itemsFailed', items_failed, 'durationMs', duration_ms, 'error', left(error_message, 300))
        from changed
    )`;
}
/** Tells who watches of a run with this `id`. */
export const TOLD: Sql = sql`pg_notify('penstock', json_build_object('run', id)::text)::text`;

/** Changes one run's status. Returns null when it was not in one from which it may come to that. */
export async function changeRunStatus(ctx: Ctx, runId: number, to: RunStatus, change: StatusChange = {}): Promise<ChangedRun | null> {
  const rows = await ctx.db.$queryRaw`${KEPT}
    with ${statusChange(ctx, sql`id = ${runId}`, to, change)}
    select id, group_id, exclusive_key, in_line, pipeline, duration_ms, ${TOLD} from changed`;
  const [row] = z.array(ChangedRun).parse(rows);
  if (row && row.duration_ms !== null) {
    const { pipeline, duration_ms: durationMs } = row;
    onCommit(ctx, () => timeMetric("app_run_duration_seconds", { pipeline }, durationMs / 1_000));
  }
  return row ? { id: row.id, groupId: row.group_id, exclusiveKey: row.exclusive_key, inLine: row.in_line } : null;
}

/**
 * An event about runs whose status stays as it is (`run.pending` when one is made, `run.cancel_requested`): a part of a `with`, of the
 * rows of runs in `from`. It says what triggered the run, and of which it is a retry, so that the feed can tell a person's act
 * from a schedule's; `more` joins its data.
 */
export const runEvent = ({ actor }: Ctx, from: Sql, type: string, more: Record<string, string | number | boolean> = {}): Sql => sql`
    event as (
      insert into run_events (run_id, type, actor, data)
      select id, ${type}, ${actor.name}, jsonb_strip_nulls(jsonb_build_object('pipeline', pipeline, 'stage', stage, 'status', status, 'triggeredBy', triggered_by, 'retryOf', retry_of)) || ${JSON.stringify(more)}::jsonb
        from ${from}
      returning run_id as id
    )`;

/** Records such an event about one run. */
export async function recordRunEvent(ctx: Ctx, runId: number, type: string): Promise<void> {
  await ctx.db.$queryRaw`${KEPT}
    with ${runEvent(ctx, sql`runs where id = ${runId}`, type)} select ${TOLD} from event`;
}
