/** Which runs retention takes next: ended, not pinned, oldest first. */
import { type Sql, sql } from "#lib/db/client";

/** Rows that one transaction may remove or empty, about. */
export const BATCH_ROWS = 1_000;
/** Runs looked at for one batch. */
const LOOKED_AT = 400;

/** Where the last batch ended. */
export type After = { completedAt: string; id: number };

/** The order of ends; an index has the same expression. Microseconds count, so it travels as text. */
const ENDED = sql`coalesce(r.completed_at, 'infinity'::timestamptz)`;

/** Nothing that is unfinished needs it: no retry of it, and no member of its group, which may still wait for it. */
const IS_NOT_NEEDED = sql`
  not exists (select 1 from runs x where x.retry_of = r.id and x.status in ('pending', 'running'))
  and (r.group_id is null or not exists (select 1 from runs x where x.group_id = r.group_id and x.status in ('pending', 'running')))`;

const isExpired = (cutoff: Date): Sql => sql`
  ${ENDED} < ${cutoff.toISOString()}::timestamptz and r.status not in ('pending', 'running') and r.pinned_at is null and ${IS_NOT_NEEDED}`;

/** A run that still has payloads to remove. */
const isUnstripped = (cutoff: Date): Sql => sql`
  r.completed_at < ${cutoff.toISOString()}::timestamptz and r.pruned_at is null and r.completed_at is not null
  and r.status not in ('pending', 'running') and r.pinned_at is null`;

export type Pass = "delete" | "strip";

export const isDue = (pass: Pass, cutoff: Date): Sql => (pass === "delete" ? isExpired(cutoff) : isUnstripped(cutoff));

/**
 * The ids of one batch with their rows, as many runs as have `BATCH_ROWS` rows together, at least one. Locks them; those
 * that somebody else has locked are left for later. What is counted is an upper bound in an index each.
 */
export function nextBatch(pass: Pass, cutoff: Date, after: After | null): Sql {
  const order = pass === "delete" ? ENDED : sql`r.completed_at`;
  const from = after === null ? sql`true` : sql`(${order}, r.id) > (${after.completedAt}::timestamptz, ${after.id}::bigint)`;
  return sql`
    with due as (
      select r.id, ${order} as ended, r.last_step_seq, r.units_total
        from runs r
       where ${isDue(pass, cutoff)} and ${from}
       order by ${order}, r.id
       limit ${LOOKED_AT}::int
         for ${pass === "delete" ? sql`update` : sql`no key update`} of r skip locked
    ), weighed as (
      select d.id, d.ended, 5 + d.last_step_seq + d.units_total + logs.n + calls.n as rows
        from due d
       cross join lateral (select count(*)::int as n from (select 1 from run_logs l where l.run_id = d.id limit ${BATCH_ROWS}) l) logs
       cross join lateral (select count(*)::int as n from (select 1 from llm_calls c where c.run_id = d.id limit ${BATCH_ROWS}) c) calls
    ), summed as (
      select id, ended, rows, sum(rows) over (order by ended, id) as upto, row_number() over (order by ended, id) as place
        from weighed
    )
    select id, ended::text as ended, rows
      from summed
     where upto <= ${BATCH_ROWS} or place = 1
     order by ended, id`;
}
