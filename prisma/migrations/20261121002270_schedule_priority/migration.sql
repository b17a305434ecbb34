-- A schedule says itself how urgent its runs are, and may join the run that goes on. Catalogue only: nothing is rewritten.
alter type schedule_overlap add value 'join';
alter table schedules add column priority run_priority not null default 'low';
