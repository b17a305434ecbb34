-- Retention, pins and draining (lib/retention, lib/workers). Additive. The columns change the catalogue only; the first index
-- locks runs against writes while it is built (about a second a million), the second looks through the outbox once.

alter table runs add column pinned_at timestamptz(3), add column pinned_by text, add column pruned_at timestamptz(3);

-- Ended runs whose payloads are still there, oldest first: what retention strips next. Those it has stripped leave the index.
create index runs_payload_idx on runs (completed_at, id) where pruned_at is null and completed_at is not null;

-- The few events that belong to no run: they have no run to go with, and the last prune is found among them.
create index run_events_runless_idx on run_events (id) where run_id is null;

create table pruned_runs (
  pipeline text not null,
  status   run_status not null,
  runs     bigint not null,
  constraint pruned_runs_pkey primary key (pipeline, status)
);

alter table workers
  add column stages text[] default array[]::text[],
  add column drain_requested_at timestamptz(3),
  add column drain_requested_by text;
