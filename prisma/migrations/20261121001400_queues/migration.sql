-- Lines behind exclusive keys, priorities, windows of units, pauses and limits (lib/engine, lib/stages). Additive but for two
-- indexes, which are made anew: runs and run_units are locked against writes while that lasts (some seconds a million rows).

create type run_priority as enum ('high', 'normal', 'low', 'lowest');

-- Catalogue only: constants as defaults.
alter table runs
  add column in_line boolean not null default false,
  add column priority run_priority not null default 'normal',
  add column queued_to integer not null default 0;
alter table run_units add column parked_in text, add column parked_at timestamptz(3);

-- Until now the units of a wave were all given their jobs when it began.
update runs r
   set queued_to = coalesce((select max(u.seq) from run_units u where u.run_id = r.id and u.wave = r.wave and u.kind = 'work'), 0)
 where status in ('pending', 'running');

-- At most one run per exclusive key holds it. Others of that key are refused, or stand in line, first come first served.
create unique index runs_exclusive_key_held_key on runs (exclusive_key) where status in ('pending', 'running') and not in_line;
drop index runs_exclusive_key_active_key;
create index runs_in_line_idx on runs (exclusive_key, id) where status = 'pending' and in_line;

-- Where a wave ends: one probe, however many units have ended before.
create index run_units_run_id_wave_seq_idx on run_units (run_id, wave, seq);
drop index run_units_run_id_wave_status_idx;

-- What waits for its stage to be resumed, or for room under its limit.
create index run_units_parked_idx on run_units (parked_in, parked_at) where parked_in is not null and status = 'pending';

create table stage_controls (
  pipeline     text not null,
  stage        text not null default '',
  paused_at    timestamptz(3),
  paused_by    text,
  pause_reason text,
  unit_limit   integer,
  limited_at   timestamptz(3),
  limited_by   text,
  constraint stage_controls_pkey primary key (pipeline, stage),
  constraint stage_controls_pause_check check ((paused_at is null) = (paused_by is null) and (paused_at is not null or pause_reason is null)),
  constraint stage_controls_limit_check check (unit_limit > 0 and (unit_limit is null) = (limited_at is null))
);
