import { z } from "zod";
import { type Sql, sql } from "#lib/db/client";
import { noSteps, type TraceSteps } from "#lib/trace/rules";

/** Each a PostgreSQL array as text, `{1,2,3}`; null when there are no steps. */
export type StepColumns = { names: string | null } & Record<keyof TraceSteps, string | null>;

/**
 * The steps of a run as columns: PostgreSQL builds them in one pass over the primary key, and we parse a few long texts
 * instead of making 50,000 objects. `condition` is of conditions that begin with `and`; `kept`, `KEPT` or empty:
 * of many steps only a plan that knows the run is a good one.
 */
export const stepColumns = (runId: number, kept: Sql, condition: Sql): Sql => sql`${kept}
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
         steps.*
    from (select array_agg(w.seq order by w.seq)::text as seq,
                 array_agg(coalesce(w.unit_seq, -1) order by w.seq)::text as unit,
                 array_agg(coalesce(w.parent_seq, -1) order by w.seq)::text as parent,
                 array_agg(w.attempt order by w.seq)::text as attempt,
                 array_agg(names.index order by w.seq)::text as name,
                 array_agg(case w.status when 'ok' then 0 when 'skip' then 1 else 2 end order by w.seq)::text as status,
                 array_agg(greatest(0, round(date_part('epoch', w.started_at - zero.at) * 1000)) order by w.seq)::text as "startMs",
                 array_agg(case when w.completed_at is null then -1 else w.duration_ms end order by w.seq)::text as "durationMs"
            from wanted w
            join names using (step_name)
           cross join zero) steps`;

const Names = z.array(z.string());
const Numbers = z.string().transform((text) => JSON.parse(`[${text.slice(1, -1)}]`) as number[]);
const Steps = z.object({ seq: Numbers, unit: Numbers, parent: Numbers, attempt: Numbers, name: Numbers, status: Numbers, startMs: Numbers, durationMs: Numbers } satisfies Record<keyof TraceSteps, z.ZodType>);

export function parseStepColumns(columns: StepColumns | undefined): { names: string[]; steps: TraceSteps } {
  // Of no steps there are no arrays at all.
  if (!columns?.names || columns.seq === null) return { names: [], steps: noSteps() };
  return { names: Names.parse(JSON.parse(columns.names)), steps: Steps.parse(columns) };
}
