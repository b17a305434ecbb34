-- Indexes of the run table's page and API (lib/runs/queries.ts). Additive. Each locks runs against writes while it is built.

create extension if not exists pg_trgm;

-- Newest first, waiting on top: order by coalesce(started_at, completed_at, 'infinity'), id. The default list, and its thousandth page.
create index runs_started_order_idx on runs (coalesce(started_at, completed_at, 'infinity'::timestamptz), id);

-- The same within one status: status = failed, newest first.
create index runs_status_started_order_idx on runs (status, coalesce(started_at, completed_at, 'infinity'::timestamptz), id);

-- The same within one stage: stage = content, newest first.
create index runs_stage_started_order_idx on runs (stage, coalesce(started_at, completed_at, 'infinity'::timestamptz), id);

-- Sorted by stage, by status, by items.
create index runs_stage_order_idx on runs (stage, id);
create index runs_status_order_idx on runs (status, id);
-- It makes the progress of a running run a write to the indexes too: at one a second and unit that is little.
create index runs_items_order_idx on runs (items_processed, id);

-- Text search: stage, pipeline or error text ilike '%word%', each by its own bitmap.
create index runs_search_idx on runs using gin (error_message gin_trgm_ops, stage gin_trgm_ops, pipeline gin_trgm_ops);

-- Failed steps of a run, in order: the error view of a run with 50,000 steps.
create index run_steps_error_idx on run_steps (run_id, seq) where status = 'error';
