-- Retries (lib/engine/retry.ts). Additive: a constant default is kept in the catalogue, no row is rewritten.
alter table "runs" add column "only_failed" boolean not null default false;

-- Warnings of a run, in order, however much else it said (lib/trace/queries.ts, listWarnings).
create index "run_logs_warn_idx" on "run_logs" ("run_id", "id") where level = 'warn';
