-- Failed calls by cost, tokens and duration (lib/llm-calls/queries.ts). The indexes of all calls have them far apart, and what they
-- would be sorted from is each on a page of its own: 20,000 page reads in a million calls for a page of 50. Only failed calls are
-- in these. Locks llm_calls against writes for as long as one pass over it takes.
create index llm_calls_error_cost_idx on llm_calls ((coalesce(cost_usd, -1)), id) where status = 'error';
create index llm_calls_error_tokens_idx on llm_calls ((coalesce(total_tokens, -1)), id) where status = 'error';
create index llm_calls_error_duration_idx on llm_calls ((coalesce(duration_ms, -1)), id) where status = 'error';
