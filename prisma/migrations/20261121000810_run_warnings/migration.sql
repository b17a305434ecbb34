-- Warnings of a run, in order, however much else it said (lib/trace/queries.ts, listWarnings).
create index "run_logs_warn_idx" on "run_logs" ("run_id", "id") where level = 'warn';
