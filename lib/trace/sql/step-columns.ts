import { z } from "zod";
import { type Sql, sql } from "#lib/db/client";
import { noSteps, type TraceSteps } from "#lib/trace/rules";

export type StepColumns = { names: string | null; steps: string | null };

/**
 * The steps of a run as columns of JSON: PostgreSQL builds them in one pass over the primary key, and we parse two texts
 * instead of making 50,000 objects. `condition` begins with `and`, or is empty.
 */
export const stepColumns = (runId: number, condition: Sql): Sql => sql`
  with wanted as materialized (
    select s.seq, s.unit_seq, s.parent_seq, s.attempt, s.step_name, s.status, s.started_at, s.completed_at, s.duration_ms
      from run_steps s
     where s.run_id = ${runId}::bigint ${condition}
  ), zero as (
    select coalesce(started_at, created_at) as at from runs where id = ${runId}::bigint
  ), names as materialized (
    select step_name, row_number() over () - 1 as index from (select distinct step_name from wanted) distinct_names
  )
  select (select json_agg(step_name order by index) from names)::text as names,
         (select json_build_object(
                   'seq', json_agg(w.seq order by w.seq),
                   'unit', json_agg(coalesce(w.unit_seq, -1) order by w.seq),
                   'parent', json_agg(coalesce(w.parent_seq, -1) order by w.seq),
                   'attempt', json_agg(w.attempt order by w.seq),
                   'name', json_agg(names.index order by w.seq),
                   'status', json_agg(case w.status when 'ok' then 0 when 'skip' then 1 else 2 end order by w.seq),
                   'startMs', json_agg(greatest(0, round(extract(epoch from w.started_at - zero.at) * 1000)::bigint) order by w.seq),
                   'durationMs', json_agg(case when w.completed_at is null then -1 else w.duration_ms end order by w.seq))
            from wanted w
            join names using (step_name)
           cross join zero)::text as steps`;

const Names = z.array(z.string());
/** Not walked number by number: it is our own statement's, and 400,000 numbers would take longer to check than to read. */
const Steps = z.custom<TraceSteps>((value) => typeof value === "object" && value !== null && "durationMs" in value && (value.durationMs === null || Array.isArray(value.durationMs)));

export function parseStepColumns(columns: StepColumns | undefined): { names: string[]; steps: TraceSteps } {
  if (!columns?.names || !columns.steps) return { names: [], steps: noSteps() };
  return { names: Names.parse(JSON.parse(columns.names)), steps: Steps.parse(JSON.parse(columns.steps)) };
}
