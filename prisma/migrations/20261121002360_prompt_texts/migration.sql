-- What prompt templates said in each version they were asked with (lib/llm-calls): written with the first question, never
-- changed. A new, empty table: texts of versions from before stay unknown.
create table prompt_texts (
  name          varchar(100) not null,
  -- the hash of the rest, as promptTemplate reckons it
  version       varchar(16) not null,
  role          varchar(50) not null,
  system_prompt text not null,
  text          text not null,
  first_used_at timestamptz(3) not null default clock_timestamp(),
  constraint prompt_texts_pkey primary key (name, version)
);

create function guard_prompt_text() returns trigger language plpgsql as $$
begin
  raise exception 'Prompt texts are append-only' using errcode = 'restrict_violation';
end $$;
create trigger prompt_texts_append_only before update or delete or truncate on prompt_texts for each statement execute function guard_prompt_text();

-- The newest headlines of all symbols (GET /api/v1/trading/news). Locked for as long as it takes to sort the headlines, of which there are some ten thousands.
create index news_events_at_idx on news_events (at, id);
