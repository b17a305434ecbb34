-- Error groups and written-down causes (lib/error-groups, lib/causes). Additive: new tables only, locks nothing that anyone uses
-- but runs, for the moment in which its foreign key is added. Failures from before are not grouped here: fingerprints are
-- made in one place, lib/error-groups, and not in SQL; `./penstock errors collect` groups them.

create type error_group_status as enum ('open', 'resolved', 'ignored');
create type cause_pattern as enum ('contains', 'wildcard');

create table error_groups (
  id                 bigserial primary key,
  fingerprint        text not null,
  pipeline           text not null,
  stage              text not null,
  step               text,
  error_class        text not null,
  sample_message     text not null,
  normalised_message text not null,
  status             error_group_status not null default 'open',
  count              bigint not null default 0,
  runs               integer not null default 0,
  first_seen         timestamptz(3) not null,
  last_seen          timestamptz(3) not null,
  version_first      text not null,
  version_last       text not null,
  regressions        integer not null default 0,
  resolved_at        timestamptz(3),
  resolved_by        text,
  ignored_at         timestamptz(3),
  ignored_by         text,
  reopened_at        timestamptz(3),
  reopened_by        text
) with (fillfactor = 80);
create unique index error_groups_fingerprint_key on error_groups (fingerprint);
create index error_groups_status_last_seen_id_idx on error_groups (status, last_seen, id);
create index error_groups_status_count_id_idx on error_groups (status, count, id);
create index error_groups_status_first_seen_id_idx on error_groups (status, first_seen, id);
-- A storm of one error writes its row again and again: tidied after a few hundred, not after a fifth of the table.
alter table error_groups set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

create table error_occurrences (
  run_id   bigint not null,
  group_id bigint not null,
  count    integer not null default 0,
  unit_seq integer,
  step_seq integer,
  first_at timestamptz(3) not null,
  last_at  timestamptz(3) not null,
  constraint error_occurrences_pkey primary key (run_id, group_id),
  constraint error_occurrences_run_id_fkey foreign key (run_id) references runs (id) on delete cascade on update cascade,
  constraint error_occurrences_group_id_fkey foreign key (group_id) references error_groups (id) on delete cascade on update cascade
);
create index error_occurrences_group_id_run_id_idx on error_occurrences (group_id, run_id);

create table error_group_hours (
  group_id bigint not null,
  hour     timestamptz(3) not null,
  count    integer not null default 0,
  constraint error_group_hours_pkey primary key (group_id, hour),
  constraint error_group_hours_group_id_fkey foreign key (group_id) references error_groups (id) on delete cascade on update cascade
);

create table cause_rules (
  id         bigserial primary key,
  kind       cause_pattern not null default 'contains',
  pattern    text not null,
  pipeline   text,
  stage      text,
  title      text not null,
  hint       text not null,
  position   integer not null default 0,
  enabled    boolean not null default true,
  created_by text not null,
  updated_by text not null,
  created_at timestamptz(3) not null default current_timestamp,
  updated_at timestamptz(3) not null default current_timestamp,
  constraint cause_rules_pattern_check check (length(pattern) between 3 and 300),
  constraint cause_rules_text_check check (length(title) between 1 and 120 and length(hint) between 1 and 1000)
);
