-- How many runs of one person or key wait: asked with each trigger. Additive; locks writes to runs while it is built.
create index runs_waiting_of_idx on runs (created_by) where status = 'pending';
