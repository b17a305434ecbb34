-- The AI audit: what else is known of a call, prices with their dates, usage by hour, and the rule that calls are
-- append-only (lib/llm-calls). Rewrites llm_calls once for the new type of its status, locked meanwhile.

create type llm_call_status as enum ('running', 'ok', 'error', 'cancelled');

create table llm_prices (
  id          serial primary key,
  provider    varchar(50),
  model       varchar(100) not null,
  valid_from  timestamptz(3) not null,
  input_usd   decimal(12, 6) not null check (input_usd >= 0),
  cached_usd  decimal(12, 6) check (cached_usd >= 0),
  output_usd  decimal(12, 6) not null check (output_usd >= 0),
  source_kind varchar(20) not null check (source_kind in ('shipped', 'manual')),
  source      text not null,
  created_by  text,
  created_at  timestamptz(3) not null default current_timestamp
);
-- The price of a model at a moment: one step down this index. One price a model and a moment.
create unique index llm_prices_valid_idx on llm_prices (model, coalesce(provider, ''), valid_from);

-- From the makers' public price lists, US dollars per million tokens; the date is the one from which the list showed it.
insert into llm_prices (model, valid_from, input_usd, cached_usd, output_usd, source_kind, source)
select model, valid_from::timestamptz, input, cached, output, 'shipped', maker || ', public price list'
  from (values
    ('gpt-5', '2025-08-07Z', 1.25, 0.125, 10, 'OpenAI'), ('gpt-5-mini', '2025-08-07Z', 0.25, 0.025, 2, 'OpenAI'), ('gpt-5-nano', '2025-08-07Z', 0.05, 0.005, 0.4, 'OpenAI'),
    ('gpt-4.1', '2025-04-14Z', 2, 0.5, 8, 'OpenAI'), ('gpt-4.1-mini', '2025-04-14Z', 0.4, 0.1, 1.6, 'OpenAI'), ('gpt-4.1-nano', '2025-04-14Z', 0.1, 0.025, 0.4, 'OpenAI'),
    ('gpt-4o', '2024-10-01Z', 2.5, 1.25, 10, 'OpenAI'), ('gpt-4o-mini', '2024-07-18Z', 0.15, 0.075, 0.6, 'OpenAI'),
    ('o3', '2025-04-16Z', 10, 2.5, 40, 'OpenAI'), ('o3', '2025-06-10Z', 2, 0.5, 8, 'OpenAI'), ('o4-mini', '2025-04-16Z', 1.1, 0.275, 4.4, 'OpenAI'),
    ('claude-opus-4-1', '2025-08-05Z', 15, 1.5, 75, 'Anthropic'), ('claude-sonnet-4', '2025-05-22Z', 3, 0.3, 15, 'Anthropic'), ('claude-sonnet-4-5', '2025-09-29Z', 3, 0.3, 15, 'Anthropic'),
    ('claude-haiku-4-5', '2025-10-15Z', 1, 0.1, 5, 'Anthropic'), ('claude-3-5-haiku', '2024-12-03Z', 0.8, 0.08, 4, 'Anthropic'),
    ('gemini-2.5-pro', '2025-06-17Z', 1.25, null, 10, 'Google'), ('gemini-2.5-flash', '2025-06-17Z', 0.3, null, 2.5, 'Google'), ('gemini-2.5-flash-lite', '2025-07-22Z', 0.1, null, 0.4, 'Google')
  ) as p (model, valid_from, input, cached, output, maker);

alter table llm_calls alter column status drop default;
alter table llm_calls
  alter column status type llm_call_status using (case when status = 'ok' then 'ok' else 'error' end)::llm_call_status,
  alter column status set default 'error',
  add column pipeline varchar(50),
  add column stage varchar(50),
  add column unit_seq integer,
  add column unit_attempt integer,
  add column template varchar(100),
  add column template_version varchar(16),
  add column attempt integer not null default 1,
  add column error_class varchar(60),
  add column finish_reason varchar(40),
  add column cached_tokens integer,
  add column reasoning_tokens integer,
  add column price_id integer references llm_prices (id) on delete restrict on update cascade;
update llm_calls c set pipeline = r.pipeline, stage = r.stage from runs r where r.id = c.run_id;

-- The call of a run says of which stage it was, also when whoever writes it does not.
create function name_llm_call() returns trigger language plpgsql as $$
begin
  select r.pipeline, r.stage into new.pipeline, new.stage from runs r where r.id = new.run_id;
  return new;
end $$;
create trigger llm_calls_name before insert on llm_calls for each row when (new.run_id is not null and new.pipeline is null) execute function name_llm_call();

-- The list (lib/llm-calls/queries.ts), each order a range scan whose ties are broken by the id.
drop index llm_calls_created_at_idx;
create index llm_calls_created_idx on llm_calls (created_at, id);
create index llm_calls_cost_idx on llm_calls ((coalesce(cost_usd, -1)), id);
create index llm_calls_tokens_idx on llm_calls ((coalesce(total_tokens, -1)), id);
create index llm_calls_duration_idx on llm_calls ((coalesce(duration_ms, -1)), id);
-- What one narrows by, newest first: a subject, a template, a role, a model, a stage, and what went wrong.
create index llm_calls_subject_idx on llm_calls (subject, created_at, id);
create index llm_calls_template_idx on llm_calls (template, created_at, id);
create index llm_calls_role_idx on llm_calls (role, created_at, id);
create index llm_calls_model_idx on llm_calls (model, created_at, id);
create index llm_calls_stage_idx on llm_calls (stage, pipeline, created_at, id);
create index llm_calls_wrong_idx on llm_calls (created_at, id) where status <> 'ok';
-- Calls of a run, and what they have cost so far, from the index alone: asked before each call of a stage with a budget.
drop index llm_calls_run_id_idx;
create index llm_calls_run_idx on llm_calls (run_id) include (cost_usd);
-- Calls under way: few at any moment.
create index llm_calls_running_idx on llm_calls (run_id, unit_seq) where status = 'running';
-- The search: a part of a subject or of an error.
create index llm_calls_search_idx on llm_calls using gin (subject gin_trgm_ops, error gin_trgm_ops);

-- Append-only. A call under way is ended once, and what was asked stays as it was; from then on only its links may become
-- null, with what they led to. Retention says who it is, and may remove texts and calls; so may the demo, calls.
create function guard_llm_call() returns trigger language plpgsql as $$
declare
  may  text := coalesce(current_setting('penstock.llm_calls', true), '');
  kept llm_calls;
begin
  if tg_op = 'DELETE' then
    if may in ('retention', 'demo') then return old; end if;
    raise exception 'LLM calls are append-only: call % stays', old.id using errcode = 'restrict_violation';
  end if;
  kept := new;
  if new.run_id is null then kept.run_id := old.run_id; end if;
  if new.pipeline_step_id is null then kept.pipeline_step_id := old.pipeline_step_id; end if;
  if new.account_id is null then kept.account_id := old.account_id; end if;
  if may = 'retention' then
    if new.system_prompt is null then kept.system_prompt := old.system_prompt; end if;
    if new.prompt is null then kept.prompt := old.prompt; end if;
    if new.response_raw is null then kept.response_raw := old.response_raw; end if;
    if new.response_parsed is null then kept.response_parsed := old.response_parsed; end if;
  end if;
  if old.status = 'running' then
    kept.status := old.status; kept.response_raw := old.response_raw; kept.response_parsed := old.response_parsed; kept.error := old.error;
    kept.error_class := old.error_class; kept.finish_reason := old.finish_reason; kept.input_tokens := old.input_tokens; kept.cached_tokens := old.cached_tokens;
    kept.output_tokens := old.output_tokens; kept.reasoning_tokens := old.reasoning_tokens; kept.total_tokens := old.total_tokens; kept.cost_usd := old.cost_usd;
    kept.price_id := old.price_id; kept.duration_ms := old.duration_ms;
  end if;
  if kept is distinct from old then
    raise exception 'LLM calls are append-only: call % stays as it was recorded', old.id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger llm_calls_append_only before update or delete on llm_calls for each row execute function guard_llm_call();

create table llm_usage_hours (
  at               timestamptz(3) not null,
  slot             smallint not null,
  pipeline         text not null,
  stage            text not null,
  provider         text not null,
  model            text not null,
  role             text not null,
  template         text not null,
  template_version text not null,
  calls            bigint not null,
  failed           bigint not null,
  cancelled        bigint not null,
  priced           bigint not null,
  input_tokens     bigint not null,
  cached_tokens    bigint not null,
  output_tokens    bigint not null,
  reasoning_tokens bigint not null,
  cost_usd         decimal not null,
  duration_ms      bigint not null,
  last_at          timestamptz(3) not null,
  primary key (at, slot, pipeline, stage, provider, model, role, template, template_version)
) with (fillfactor = 60);

-- What each ended call adds; `sign` -1 takes it away again.
create function add_llm_usage(ended llm_calls[], sign integer) returns void language sql as $$
  insert into llm_usage_hours as u (at, slot, pipeline, stage, provider, model, role, template, template_version,
         calls, failed, cancelled, priced, input_tokens, cached_tokens, output_tokens, reasoning_tokens, cost_usd, duration_ms, last_at)
  select date_trunc('hour', c.created_at, 'UTC'), (pg_backend_pid() % 8)::smallint, coalesce(c.pipeline, ''), coalesce(c.stage, ''), c.provider, c.model, c.role,
         coalesce(c.template, ''), coalesce(c.template_version, ''), sign * count(*), sign * count(*) filter (where c.status = 'error'),
         sign * count(*) filter (where c.status = 'cancelled'), sign * count(c.cost_usd), sign * coalesce(sum(c.input_tokens), 0), sign * coalesce(sum(c.cached_tokens), 0),
         sign * coalesce(sum(c.output_tokens), 0), sign * coalesce(sum(c.reasoning_tokens), 0), sign * coalesce(sum(c.cost_usd), 0), sign * coalesce(sum(c.duration_ms), 0), max(c.created_at)
    from unnest(ended) c
   where c.status <> 'running'
   group by 1, 2, 3, 4, 5, 6, 7, 8, 9
   order by 1, 2, 3, 4, 5, 6, 7, 8, 9
  on conflict (at, slot, pipeline, stage, provider, model, role, template, template_version) do update
     set calls = u.calls + excluded.calls, failed = u.failed + excluded.failed, cancelled = u.cancelled + excluded.cancelled, priced = u.priced + excluded.priced,
         input_tokens = u.input_tokens + excluded.input_tokens, cached_tokens = u.cached_tokens + excluded.cached_tokens, output_tokens = u.output_tokens + excluded.output_tokens,
         reasoning_tokens = u.reasoning_tokens + excluded.reasoning_tokens, cost_usd = u.cost_usd + excluded.cost_usd, duration_ms = u.duration_ms + excluded.duration_ms,
         last_at = greatest(u.last_at, excluded.last_at)
$$;

-- By row, where the call ends: an act of its own for each. The row of its hour is locked only until that act commits.
create function note_llm_usage() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    -- What was spent stays spent when retention forgets the details.
    if coalesce(current_setting('penstock.llm_calls', true), '') <> 'retention' then perform add_llm_usage(array[old], -1); end if;
  else
    perform add_llm_usage(array[new], 1);
  end if;
  return null;
end $$;
create trigger llm_calls_insert_usage after insert on llm_calls for each row when (new.status <> 'running') execute function note_llm_usage();
create trigger llm_calls_update_usage after update on llm_calls for each row when (old.status = 'running' and new.status <> 'running') execute function note_llm_usage();
create trigger llm_calls_delete_usage after delete on llm_calls for each row when (old.status <> 'running') execute function note_llm_usage();

create function empty_llm_usage() returns trigger language plpgsql as $$
begin
  truncate llm_usage_hours;
  return null;
end $$;
create trigger llm_calls_truncate_usage after truncate on llm_calls for each statement execute function empty_llm_usage();

-- Builds the hours anew from the calls there are: for this migration, and for who loads calls past the triggers.
create function rebuild_llm_usage() returns void language plpgsql as $$
begin
  lock table llm_calls in share row exclusive mode;
  truncate llm_usage_hours;
  insert into llm_usage_hours
  select date_trunc('hour', c.created_at, 'UTC'), 0, coalesce(c.pipeline, ''), coalesce(c.stage, ''), c.provider, c.model, c.role, coalesce(c.template, ''), coalesce(c.template_version, ''),
         count(*), count(*) filter (where c.status = 'error'), count(*) filter (where c.status = 'cancelled'), count(c.cost_usd), coalesce(sum(c.input_tokens), 0), coalesce(sum(c.cached_tokens), 0),
         coalesce(sum(c.output_tokens), 0), coalesce(sum(c.reasoning_tokens), 0), coalesce(sum(c.cost_usd), 0), coalesce(sum(c.duration_ms), 0), max(c.created_at)
    from llm_calls c
   where c.status <> 'running'
   group by 1, 3, 4, 5, 6, 7, 8, 9;
end $$;
select rebuild_llm_usage();
