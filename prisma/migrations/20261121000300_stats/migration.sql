-- Indexes of statistics and of the filter tree (lib/stats, lib/filters). Additive. Each locks its table against writes while it is built.

-- Counts within a range of creation, and the seed's list (newest first, id breaks ties), from the index alone.
create index runs_created_stats_idx on runs (created_at, id) include (status, pipeline, stage, created_by);

-- Counts of one person's runs, with a range of creation or without, from the index alone.
create index runs_creator_stats_idx on runs (created_by, created_at) include (status, pipeline, stage);

-- Counts by status of the runs of one name, from the index alone. The names themselves are hopped through on (pipeline, stage, id).
create index runs_name_stats_idx on runs (pipeline, stage, status);
