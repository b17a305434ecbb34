-- What statistics ask of an annotated run, beside each of its annotations (lib/stats/sql/plan.ts): runs with an annotation are
-- counted without a look at runs. Additive. Locks run_annotations, and runs against writes, while the rows that are there are
-- filled: about three seconds per 100,000 annotations.

alter table run_annotations
  add column run_created_at timestamptz(3),
  add column run_status run_status,
  add column run_triggered_by run_trigger,
  add column run_pipeline text,
  add column run_stage text,
  add column run_created_by text,
  -- The value where it fits into an index, null where it is longer.
  add column short_value text generated always as (case when octet_length(coalesce(value, '')) <= 100 then coalesce(value, '') end) stored;

lock table runs in share row exclusive mode;
update run_annotations a
   set run_created_at = r.created_at, run_status = r.status, run_triggered_by = r.triggered_by, run_pipeline = r.pipeline, run_stage = r.stage, run_created_by = r.created_by
  from runs r
 where r.id = a.run_id;

alter table run_annotations
  alter column run_created_at set not null,
  alter column run_status set not null,
  alter column run_triggered_by set not null,
  alter column run_pipeline set not null,
  alter column run_stage set not null;

-- Counts of the runs that have a key, with value, status, creator, range of creation and name or without, from the index alone.
-- What has few values stands before the time, so that a range is a few hops through it (skip scan) and a person's a few ranges.
drop index run_annotations_key_idx;
create index run_annotations_stats_idx on run_annotations (key, run_status, run_created_by, run_created_at) include (run_id, run_pipeline, run_stage, run_triggered_by, short_value);

-- The few whose value has to be read where it is.
create index run_annotations_long_idx on run_annotations (key) where short_value is null;

-- An index is enough only where vacuum has been: sooner than after a fifth of the table.
alter table run_annotations set (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.05);

-- The lock makes an annotation and a change of its run take turns: the later of them sees what the earlier wrote.
create function fill_annotation_run() returns trigger language plpgsql as $$
begin
  select r.created_at, r.status, r.triggered_by, r.pipeline, r.stage, r.created_by
    into new.run_created_at, new.run_status, new.run_triggered_by, new.run_pipeline, new.run_stage, new.run_created_by
    from runs r
   where r.id = new.run_id
     for no key update;
  return new;
end $$;

create function copy_run_to_annotations() returns trigger language plpgsql as $$
begin
  update run_annotations a
     set run_created_at = new.created_at, run_status = new.status, run_triggered_by = new.triggered_by, run_pipeline = new.pipeline, run_stage = new.stage, run_created_by = new.created_by
   where a.run_id = new.id;
  return null;
end $$;

create trigger run_annotations_run before insert on run_annotations for each row execute function fill_annotation_run();
-- By row, so that progress of a running run costs nothing; of one without annotations it is a look into the primary key.
create trigger runs_update_annotations after update on runs for each row
  when ((old.created_at, old.status, old.triggered_by, old.pipeline, old.stage, old.created_by)
        is distinct from (new.created_at, new.status, new.triggered_by, new.pipeline, new.stage, new.created_by))
  execute function copy_run_to_annotations();
