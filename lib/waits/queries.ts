import type { Ctx } from "#lib/ctx";
import { sql } from "#lib/db/client";
import { IS_ALIVE } from "#lib/workers/queries";
import { unitLimit } from "#lib/stages/sql/control";
import { explainWait, MANY, type Pause, type WaitFacts, type Waiting } from "./rules.ts";

/** Runs whose wait one question explains, and how many of those before one in line it names. */
const AT_ONCE = 500;
const NAMED = 5;

type Stored = Omit<WaitFacts, "next" | "upstream" | "pauses" | "holder" | "workers"> & {
  id: bigint;
  holderId: bigint | null;
  holderStage: string | null;
  holderStatus: WaitFacts["status"] | null;
  next: bigint[] | null;
  upstream: WaitFacts["upstream"] | null;
  pauses: (Omit<Pause, "at"> & { at: string })[] | null;
} & WaitFacts["workers"];

/**
 * Why each of these runs waits, by its id; runs that go on or have ended are left out. One statement however many they are,
 * 500 at most, and what it asks of a stage it asks once.
 */
export async function listWaits(ctx: Ctx, runIds: number[]): Promise<Map<number, Waiting>> {
  if (runIds.length === 0) return new Map();
  const isAble = sql`(coalesce(cardinality(w.stages), 0) = 0 or s.pipeline || '/' || s.stage = any(w.stages))`;
  const rows = await ctx.db.$queryRaw<Stored[]>`
    with wanted as materialized (
      select r.* from runs r where r.id = any(${runIds.slice(0, AT_ONCE)}::bigint[]) and r.status in ('pending', 'running')
    ), flying as materialized (
      select u.run_id, u.worker_id, r.pipeline, r.stage from run_units u join runs r on r.id = u.run_id where u.status = 'running'
    ), alive as materialized (
      select w.id, w.concurrency, w.stages, w.drain_requested_at from workers w where w.stopped_at is null and ${IS_ALIVE}
    ), stages as materialized (
      select s.pipeline, s.stage,
             (select json_agg(json_build_object('isPipeline', c.stage = '', 'at', c.paused_at, 'by', c.paused_by, 'reason', c.pause_reason) order by c.stage)
                from stage_controls c where c.pipeline = s.pipeline and c.stage in (s.stage, '') and c.paused_at is not null) as pauses,
             (select ${unitLimit()} from (values (s.pipeline, s.stage)) r (pipeline, stage)) as "limit",
             (select count(*)::int from flying f where f.pipeline = s.pipeline and f.stage = s.stage) as "inFlight",
             w.*
        from (select distinct pipeline, stage from wanted) s
       cross join lateral (
         select count(*)::int as alive,
                (count(*) filter (where ${isAble} and w.drain_requested_at is null))::int as able,
                (count(*) filter (where ${isAble} and w.drain_requested_at is not null))::int as draining,
                (coalesce(sum(w.concurrency) filter (where ${isAble} and w.drain_requested_at is null), 0))::int as slots,
                (coalesce(sum((select count(*) from flying f where f.worker_id = w.id)) filter (where ${isAble} and w.drain_requested_at is null), 0))::int as taken
           from alive w
       ) w
    )
    select r.id, r.status, r.pipeline, r.stage, r.cancel_requested_at is not null as "cancelRequested", r.in_line as "inLine",
           h.id as "holderId", h.stage as "holderStage", h.status as "holderStatus",
           case when r.in_line then (select count(*)::int from (select 1 from runs l where l.exclusive_key = r.exclusive_key and l.status = 'pending' and l.in_line and l.id < r.id limit ${MANY + 1}::int) l) else 0 end as ahead,
           case when r.in_line then (select array_agg(l.id order by l.id) from (select l.id from runs l where l.exclusive_key = r.exclusive_key and l.status = 'pending' and l.in_line and l.id < r.id order by l.id limit ${NAMED}::int) l) end as next,
           (select json_agg(json_build_object('id', up.id, 'stage', up.stage) order by up.id) from runs up where up.id = any(r.waits_for) and up.status in ('pending', 'running')) as upstream,
           s.pauses, s."limit", s."inFlight", s.alive, s.able, s.draining, s.slots, s.taken,
           (select count(*)::int from flying f where f.run_id = r.id) as running,
           r.status = 'running' and (r.units_retrying > 0 or (r.wave > 0 and exists (select 1 from run_units u where u.run_id = r.id and u.wave = r.wave and u.status = 'pending'))) as "hasPending",
           case when r.units_retrying > 0 and r.units_done + r.units_failed + r.units_retrying >= r.queued_to then (
             select min(u.retry_at) from run_units u where u.run_id = r.id and u.retry_at is not null and u.status = 'pending') end as "backoffUntil",
           case when r.status = 'pending' and s.pauses is null and s.taken >= s.slots then (
             select count(*)::int
               from (select 1
                       from run_units p
                       join graphile_worker.jobs j on (j.priority, j.run_at) < (case r.priority when 'high' then 9 when 'normal' then 19 when 'low' then 29 else 39 end, p.created_at - interval '1 ms')
                      where p.run_id = r.id and p.seq = 0 and j.locked_at is null and j.run_at <= clock_timestamp() and j.task_identifier like 'unit%'
                      limit ${MANY + 1}::int) j) end as "unitsAhead",
           r.status = 'pending' and r.priority > 'high' and exists (
             select 1 from graphile_worker.jobs j
              where j.priority <= case r.priority when 'normal' then 10 when 'low' then 20 else 30 end and j.locked_at is null and j.run_at <= clock_timestamp() and j.task_identifier like 'unit%') as outranked
      from wanted r
      join stages s on s.pipeline = r.pipeline and s.stage = r.stage
      left join runs h on r.in_line and h.exclusive_key = r.exclusive_key and h.status in ('pending', 'running') and not h.in_line`;
  return new Map(rows.flatMap((row) => {
    const waiting = explainWait(factsOf(row));
    return waiting ? [[Number(row.id), waiting]] : [];
  }));
}

function factsOf({ id: _, holderId, holderStage, holderStatus, next, upstream, pauses, alive, able, draining, slots, taken, ...row }: Stored): WaitFacts {
  return {
    ...row,
    holder: holderId === null || holderStage === null || holderStatus === null ? null : { id: Number(holderId), stage: holderStage, status: holderStatus },
    next: (next ?? []).map(Number),
    upstream: upstream ?? [],
    pauses: (pauses ?? []).map((pause) => ({ ...pause, at: new Date(pause.at) })),
    workers: { alive, able, draining, slots, taken },
  };
}
