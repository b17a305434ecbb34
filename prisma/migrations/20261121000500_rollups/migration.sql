-- Rollups: what statistics ask of runs, added up as runs end (lib/stats). Additive. Locks runs and llm_calls against writes
-- while the runs that are there are added up: about ten seconds a million.
--
-- Only runs that have ended are in a rollup. Every change to one of those appends a delta in the transaction of the change;
-- `fold_run_rollups` moves deltas into the rows. A reader adds rows, deltas and unfinished runs up in one statement, so what
-- it says is exact whether or not anything was folded.

create type rollup_grain as enum ('ever', 'day', 'hour', 'trigger', 'trigger_day', 'creator', 'creator_day');

-- A grain has a heap of its own: rows that are read together lie together.
create table run_rollups (
    grain         rollup_grain not null,
    created_by    text not null default '',
    at            timestamptz(3) not null,
    pipeline      text not null,
    stage         text not null,
    status        run_status not null,
    triggered_by  run_trigger,
    runs          bigint not null,
    items         bigint not null,
    items_failed  bigint not null,
    llm_calls     bigint not null,
    llm_priced    bigint not null,
    llm_cost_usd  decimal not null
) partition by list (grain);

create table run_duration_rollups (
    grain         rollup_grain not null,
    created_by    text not null default '',
    at            timestamptz(3) not null,
    pipeline      text not null,
    stage         text not null,
    status        run_status not null,
    triggered_by  run_trigger,
    bucket        smallint not null,
    runs          bigint not null
) partition by list (grain);

-- What a row is found by, to be read and to be counted up. The column of what a grain does not tell apart is empty or null.
create unique index run_rollups_key on run_rollups (grain, created_by, at, pipeline, stage, status, triggered_by) nulls not distinct;
create unique index run_duration_rollups_key on run_duration_rollups (grain, created_by, at, pipeline, stage, status, triggered_by, bucket) nulls not distinct;

-- Room for a row to be counted up on its own page.
do $$
declare grain text;
begin
  foreach grain in array enum_range(null::rollup_grain)::text[] loop
    execute format('create table run_rollups_%1$s partition of run_rollups for values in (%1$L) with (fillfactor = 85)', grain);
    if grain not in ('trigger_day', 'creator_day') then
      execute format('create table run_duration_rollups_%1$s partition of run_duration_rollups for values in (%1$L) with (fillfactor = 85)', grain);
    end if;
  end loop;
end $$;

create table run_rollup_deltas (
    id            bigserial not null,
    at            timestamptz(3) not null,
    created_by    text not null,
    pipeline      text not null,
    stage         text not null,
    status        run_status not null,
    triggered_by  run_trigger not null,
    bucket        smallint,
    runs          bigint not null,
    items         bigint not null,
    items_failed  bigint not null,
    llm_calls     bigint not null,
    llm_priced    bigint not null,
    llm_cost_usd  decimal not null,

    constraint run_rollup_deltas_pkey primary key (id)
);
-- Rows come and go: without this, readers would walk over many that have gone.
alter table run_rollup_deltas set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- The bucket of a duration: b holds 1.05^b to 1.05^(b+1) ms, -1 holds 0 ms.
create function duration_bucket(ms integer) returns smallint language sql immutable parallel safe as
  $$ select (case when ms < 1 then -1 else floor(ln(ms::float8) / ln(1.05::float8)) end)::smallint $$;

-- A run into the deltas (sign 1) or out of them (-1), with its LLM calls of this moment.
create function note_run(r runs, sign integer) returns void language plpgsql as $$
begin
  insert into run_rollup_deltas (at, created_by, pipeline, stage, status, triggered_by, bucket, runs, items, items_failed, llm_calls, llm_priced, llm_cost_usd)
  select date_trunc('hour', r.created_at, 'UTC'), coalesce(r.created_by, ''), r.pipeline, r.stage, r.status, r.triggered_by, duration_bucket(r.duration_ms),
         sign, sign * r.items_processed, sign * r.items_failed, sign * count(*), sign * count(c.cost_usd), sign * coalesce(sum(c.cost_usd), 0)
    from llm_calls c
   where c.run_id = r.id;
end $$;

-- Runs that arrive ended (imports): one delta for all that are alike. They have no LLM calls yet.
create function note_inserted_runs() returns trigger language plpgsql as $$
begin
  insert into run_rollup_deltas (at, created_by, pipeline, stage, status, triggered_by, bucket, runs, items, items_failed, llm_calls, llm_priced, llm_cost_usd)
  select date_trunc('hour', r.created_at, 'UTC'), coalesce(r.created_by, ''), r.pipeline, r.stage, r.status, r.triggered_by, duration_bucket(r.duration_ms),
         count(*), sum(r.items_processed), sum(r.items_failed), 0, 0, 0
    from inserted r
   where r.status not in ('pending', 'running')
   group by 1, 2, 3, 4, 5, 6, 7;
  return null;
end $$;

create function note_changed_run() returns trigger language plpgsql as $$
begin
  if old.status not in ('pending', 'running') then perform note_run(old, -1); end if;
  if tg_op = 'DELETE' then return old; end if;
  if new.status not in ('pending', 'running') then perform note_run(new, 1); end if;
  return null;
end $$;

-- The lock makes the call and the end of its run take turns, so that exactly one of them counts the call.
create function note_llm_call(of_run bigint, sign integer, cost decimal) returns void language plpgsql as $$
declare r runs;
begin
  select * into r from runs where id = of_run for no key update;
  if r.status not in ('pending', 'running') then
    insert into run_rollup_deltas (at, created_by, pipeline, stage, status, triggered_by, bucket, runs, items, items_failed, llm_calls, llm_priced, llm_cost_usd)
    values (date_trunc('hour', r.created_at, 'UTC'), coalesce(r.created_by, ''), r.pipeline, r.stage, r.status, r.triggered_by, null,
            0, 0, 0, sign, case when cost is null then 0 else sign end, sign * coalesce(cost, 0));
  end if;
end $$;

create function note_changed_llm_call() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' and old.run_id is not null then perform note_llm_call(old.run_id, -1, old.cost_usd); end if;
  if tg_op <> 'DELETE' and new.run_id is not null then perform note_llm_call(new.run_id, 1, new.cost_usd); end if;
  return null;
end $$;

create function empty_run_rollups() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'runs' then
    truncate run_rollups, run_duration_rollups, run_rollup_deltas;
  else
    update run_rollups set llm_calls = 0, llm_priced = 0, llm_cost_usd = 0 where llm_calls > 0;
    update run_rollup_deltas set llm_calls = 0, llm_priced = 0, llm_cost_usd = 0;
  end if;
  return null;
end $$;

create trigger runs_insert_rollup after insert on runs referencing new table as inserted for each statement execute function note_inserted_runs();
-- By row, so that the condition is asked before anything is done: progress of a running run costs nothing.
create trigger runs_update_rollup after update on runs for each row
  when ((old.status not in ('pending', 'running') or new.status not in ('pending', 'running'))
        and (old.status, old.pipeline, old.stage, old.triggered_by, old.created_by, old.created_at, old.duration_ms, old.items_processed, old.items_failed)
            is distinct from (new.status, new.pipeline, new.stage, new.triggered_by, new.created_by, new.created_at, new.duration_ms, new.items_processed, new.items_failed))
  execute function note_changed_run();
-- Before, while its LLM calls still name it.
create trigger runs_delete_rollup before delete on runs for each row when (old.status not in ('pending', 'running')) execute function note_changed_run();
create trigger runs_truncate_rollup after truncate on runs for each statement execute function empty_run_rollups();
create trigger llm_calls_rollup after insert or delete or update of run_id, cost_usd on llm_calls for each row execute function note_changed_llm_call();
create trigger llm_calls_truncate_rollup after truncate on llm_calls for each statement execute function empty_run_rollups();

-- Moves `batch` deltas, the oldest first, into the rows; returns how many. One at a time does it, and the others need not wait: they get null.
create function fold_run_rollups(batch bigint) returns bigint language plpgsql as $$
declare folded bigint; gone timestamptz[];
begin
  if not pg_try_advisory_xact_lock(7331003) then return null; end if;
  with taken as materialized (
    delete from run_rollup_deltas where id in (select id from run_rollup_deltas order by id limit batch) returning *
  ), summed as (
    insert into run_rollups as kept
    select g.grain, case when g.has_creator then d.created_by else '' end, g.at, d.pipeline, d.stage, d.status, case when g.has_trigger then d.triggered_by end,
           sum(d.runs), sum(d.items), sum(d.items_failed), sum(d.llm_calls), sum(d.llm_priced), sum(d.llm_cost_usd)
      from taken d
     cross join lateral (select date_trunc('day', d.at, 'UTC') as at) day
     cross join lateral (values ('ever'::rollup_grain, timestamptz '-infinity', false, false), ('day', day.at, false, false), ('hour', d.at, false, false),
                                ('trigger', '-infinity', false, true), ('trigger_day', day.at, false, true),
                                ('creator', '-infinity', true, true), ('creator_day', day.at, true, true)) g (grain, at, has_creator, has_trigger)
     group by 1, 2, 3, 4, 5, 6, 7
     order by 1, 2, 3, 4, 5, 6, 7
    on conflict (grain, created_by, at, pipeline, stage, status, triggered_by) do update
       set runs = kept.runs + excluded.runs, items = kept.items + excluded.items, items_failed = kept.items_failed + excluded.items_failed,
           llm_calls = kept.llm_calls + excluded.llm_calls, llm_priced = kept.llm_priced + excluded.llm_priced, llm_cost_usd = kept.llm_cost_usd + excluded.llm_cost_usd
  ), timed as (
    insert into run_duration_rollups as kept
    select g.grain, case when g.has_creator then d.created_by else '' end, g.at, d.pipeline, d.stage, d.status, case when g.has_trigger then d.triggered_by end, d.bucket, sum(d.runs)
      from taken d
     cross join lateral (values ('ever'::rollup_grain, timestamptz '-infinity', false, false), ('day', date_trunc('day', d.at, 'UTC'), false, false), ('hour', d.at, false, false),
                                ('trigger', '-infinity', false, true), ('creator', '-infinity', true, false)) g (grain, at, has_creator, has_trigger)
     where d.bucket is not null
     group by 1, 2, 3, 4, 5, 6, 7, 8
     order by 1, 2, 3, 4, 5, 6, 7, 8
    on conflict (grain, created_by, at, pipeline, stage, status, triggered_by, bucket) do update set runs = kept.runs + excluded.runs
  )
  select count(*), array_agg(distinct at) filter (where runs < 0) into folded, gone from taken;
  -- Runs were deleted: what they alone had filled goes too, so that retention keeps the rollups small.
  if gone is not null then
    gone := gone || array(select distinct date_trunc('day', at, 'UTC') from unnest(gone) at) || timestamptz '-infinity';
    delete from run_rollups where at = any (gone) and (runs, items, items_failed, llm_calls, llm_priced, llm_cost_usd) = (0, 0, 0, 0, 0, 0);
    delete from run_duration_rollups where at = any (gone) and runs = 0;
  end if;
  return folded;
end $$;

-- Adds everything up anew from the runs themselves.
create function rebuild_run_rollups() returns void language plpgsql set work_mem = '256MB' as $$
begin
  lock table runs, llm_calls in share row exclusive mode;
  perform pg_advisory_xact_lock(7331003);
  truncate run_rollups, run_duration_rollups, run_rollup_deltas;
  insert into run_rollup_deltas (at, created_by, pipeline, stage, status, triggered_by, bucket, runs, items, items_failed, llm_calls, llm_priced, llm_cost_usd)
  select date_trunc('hour', r.created_at, 'UTC'), coalesce(r.created_by, ''), r.pipeline, r.stage, r.status, r.triggered_by, duration_bucket(r.duration_ms),
         count(*), sum(r.items_processed), sum(r.items_failed), coalesce(sum(c.calls), 0), coalesce(sum(c.priced), 0), coalesce(sum(c.cost), 0)
    from runs r
    left join (select run_id, count(*) as calls, count(cost_usd) as priced, sum(cost_usd) as cost from llm_calls where run_id is not null group by run_id) c on c.run_id = r.id
   where r.status not in ('pending', 'running')
   group by 1, 2, 3, 4, 5, 6, 7;
  perform fold_run_rollups(9223372036854775807);
end $$;

select rebuild_run_rollups();

-- Counts within a range of creation and one trigger, too, from the index alone.
drop index runs_created_stats_idx;
create index runs_created_stats_idx on runs (created_at, id) include (status, pipeline, stage, created_by, triggered_by);
