-- Stages started by the clock.
create type schedule_misfire as enum ('skip', 'once', 'all');
create type schedule_overlap as enum ('skip', 'queue');
create type slot_outcome as enum ('waiting', 'started', 'skipped', 'refused');

create table schedules (
  id         bigserial primary key,
  name       varchar(80) not null,
  pipeline   text not null,
  stage      text,
  params     jsonb not null default '{}',
  cron       text not null,
  zone       text not null,
  misfire    schedule_misfire not null default 'skip',
  overlap    schedule_overlap not null default 'skip',
  paused     boolean not null default false,
  next_slot  timestamptz(3),
  last_slot  timestamptz(3),
  created_by text not null,
  updated_by text not null,
  created_at timestamptz(3) not null default current_timestamp,
  updated_at timestamptz(3) not null default current_timestamp,
  version    integer not null default 1,
  constraint schedules_name_check check (length(name) >= 1),
  constraint schedules_next_slot_check check (paused = (next_slot is null)),
  constraint schedules_order_check check (next_slot > last_slot)
);
create unique index schedules_name_key on schedules (name);
-- What is due (lib/engine/schedule.ts): asked every second by every worker.
create index schedules_next_slot_idx on schedules (next_slot);

create table schedule_slots (
  schedule_id bigint not null,
  slot        timestamptz(3) not null,
  outcome     slot_outcome not null,
  reason      text,
  run_id      bigint,
  asked_by    text,
  decided_at  timestamptz(3) not null default clock_timestamp(),
  constraint schedule_slots_pkey primary key (schedule_id, slot),
  constraint schedule_slots_schedule_id_fkey foreign key (schedule_id) references schedules (id) on delete cascade on update cascade,
  constraint schedule_slots_run_id_fkey foreign key (run_id) references runs (id) on delete set null on update cascade,
  constraint schedule_slots_reason_check check (outcome = 'started' or reason is not null)
);
create index schedule_slots_run_id_idx on schedule_slots (run_id);
-- Slots in line (lib/engine/schedule.ts): few, and asked for every second.
create index schedule_slots_waiting_idx on schedule_slots (schedule_id, slot) where outcome = 'waiting';
