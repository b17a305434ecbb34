-- Retries of units with backoff, and time limits of units and runs (lib/engine/retry-unit.ts, lib/engine/expiry.ts). Additive: a worker
-- of the version before neither retries nor looks at the clock; sweepers of this one do it for what it holds.

-- Catalogue only: constants as defaults.
alter table run_units
  add column failures integer not null default 0,
  add column retry_at timestamptz(3),
  add column deadline_at timestamptz(3);
alter table runs
  add column units_retrying integer not null default 0,
  add column deadline_at timestamptz(3),
  add column expired_at timestamptz(3);

-- What waits for its next try, and what is over its time: a handful of rows each.
create index run_units_retry_idx on run_units (retry_at) where retry_at is not null and status = 'pending';
create index run_units_deadline_idx on run_units (deadline_at) where deadline_at is not null and status = 'running';
create index runs_deadline_idx on runs (deadline_at) where deadline_at is not null and status = 'running';
