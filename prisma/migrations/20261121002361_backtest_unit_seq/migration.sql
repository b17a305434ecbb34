-- Which unit works a model-day: its number, so that a job's progress is found by key. By its name each model-day was compared
-- with every unit. The backfill is a pass over the model-days there are, some hundred thousands at most; none can be written meanwhile.
alter table backtest_model_days add column unit_seq integer;
update backtest_model_days d set unit_seq = u.seq
  from backtest_jobs j, run_units u
 where j.job_id = d.job_id and u.run_id = j.run_id and u.kind = 'work' and u.name = d.date::text || ' ' || d.model;
-- Of jobs that are still to be planned: they are planned in this order.
update backtest_model_days d set unit_seq = n.seq
  from (select m.job_id, m.date, m.model, row_number() over (partition by m.job_id order by m.date, m.model) as seq
          from backtest_model_days m join backtest_jobs j on j.job_id = m.job_id
         where m.status = 'pending' and not exists (select 1 from run_units u where u.run_id = j.run_id and u.kind = 'work')) n
 where d.job_id = n.job_id and d.date = n.date and d.model = n.model;

create or replace view backtest_details as
select d.job_id, d.date, d.model,
       case when d.status <> 'pending' then d.status
            when u.status is not null and (u.status <> 'pending' or r.status in ('pending', 'running')) then u.status
            when r.status in ('pending', 'running') then 'pending'
            when r.status = 'failed' then 'failed'
            else 'cancelled' end::unit_status as status,
       coalesce(d.started_at, u.started_at) as started_at,
       coalesce(d.completed_at, u.completed_at) as completed_at,
       coalesce(d.error, u.error, case when r.status = 'failed' then r.error_message end) as error
  from backtest_model_days d
  join backtest_jobs j on j.job_id = d.job_id
  left join runs r on r.id = j.run_id
  left join run_units u on u.run_id = j.run_id and u.seq = d.unit_seq;
