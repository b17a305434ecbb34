/** What operators and authors have said of the stage of a run `r`, as SQL. */
import { type Sql, sql } from "#lib/db/client";
import { PIPELINES } from "#lib/pipelines/registry";

/** Whether its stage, or its whole pipeline, is paused. */
export const IS_PAUSED: Sql = sql`exists (select from stage_controls c where c.pipeline = r.pipeline and c.stage in (r.stage, '') and c.paused_at is not null)`;

/** How many units of its stage may be in flight: an operator's word before its author's. Null: any number. */
export function unitLimit(): Sql {
  const declared = Object.fromEntries(PIPELINES.flatMap(({ name, stages }) => stages.flatMap((stage) => (stage.limit === undefined ? [] : [[`${name}/${stage.name}`, stage.limit]]))));
  return sql`coalesce((select c.unit_limit from stage_controls c where c.pipeline = r.pipeline and c.stage = r.stage), (${JSON.stringify(declared)}::jsonb ->> (r.pipeline || '/' || r.stage))::int)`;
}

/** How many units of its stage are in flight. All that run anywhere are in a small index of their own. */
export const inFlight = (pipeline: string, stage: string): Sql => sql`
  (select count(*)::int from run_units f join runs fr on fr.id = f.run_id where f.status = 'running' and fr.pipeline = ${pipeline} and fr.stage = ${stage})`;
