/**
 * Runs as an installation that has been busy for ten weeks has them: many names of unequal weight, most runs well, some stages
 * worse than others, days busier than nights, durations with a long tail. The same every time but for when it ends: now.
 */
import type pg from "pg";

export const WEEKS = 10;
const BATCH = 250_000;
/** The newest runs are still going on, or waiting. */
const UNFINISHED = 60;
const OWN_TABLES = ["runs", "run_annotations", "run_subjects", "run_steps", "llm_calls"];

/** Name, share of the runs, typical duration in ms, share that fails, whether it calls a model. */
const STAGES: [pipeline: string, stage: string, weight: number, ms: number, fails: number, asks: boolean][] = [
  ["mail", "metadata", 20, 4_000, 0.01, false], ["mail", "content", 16, 42_000, 0.02, false], ["mail", "segments", 8, 9_000, 0.01, false],
  ["mail", "entities", 6, 75_000, 0.06, true], ["mail", "classify", 5, 130_000, 0.08, true], ["mail", "drafts", 2, 60_000, 0.05, true],
  ["trading", "signal", 14, 1_500, 0.03, true], ["trading", "execute", 7, 800, 0.12, false], ["trading", "review", 3, 25_000, 0.04, true], ["trading", "journal", 2, 300, 0.01, false],
  ["training", "prepare", 4, 180_000, 0.03, false], ["training", "fit", 3, 2_400_000, 0.2, false], ["training", "evaluate", 3, 300_000, 0.05, false], ["training", "publish", 1, 12_000, 0.02, false],
  ["lab", "sweep", 4, 600_000, 0.15, false], ["lab", "report", 2, 7_000, 0.01, false],
];

const ERRORS = [
  ["TimeoutError", "Connection timeout after 30 s"], ["MemoryError", "Out of memory"], ["ValueError", "Bad input in row 17"], ["RateLimitError", "Rate limit reached, try again in 20 s"],
  ["HttpError", "HTTP 502 from upstream"], ["KeyError", "Column 'price' is missing"], ["AuthError", "Token has expired"], ["BrokerError", "Order was rejected: market is closed"],
];

export type GenerateOptions = { runs: number; /** Steps of every run; none unless said. */ stepsPerRun?: number; log?(line: string): void };

/** Empties what there is of runs and fills it anew; a migrated database whose triggers and indexes end as they were. */
export async function generate(pool: pg.Pool, { runs, stepsPerRun = 0, log = () => {} }: GenerateOptions): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("truncate runs, llm_calls restart identity cascade");
    const indexes = await dropIndexes(client);
    // Neither triggers nor foreign keys while it loads; the rollups are built at the end.
    await client.query("set session_replication_role = replica");
    await client.query("select setseed(0.5)");
    for (let first = 1; first <= runs; first += BATCH) {
      const last = Math.min(first + BATCH - 1, runs);
      await client.query(insertRuns(), [first, last, runs, JSON.stringify(STAGES), JSON.stringify(ERRORS)]);
      for (const statement of BESIDE) await client.query(statement, [first, last]);
      if (stepsPerRun > 0) await client.query(STEPS, [first, last, stepsPerRun]);
      log(`${last} runs`);
    }
    await client.query("select setval('runs_id_seq', $1)", [runs]);
    await client.query("set session_replication_role = origin");
    await client.query("set maintenance_work_mem = '1GB'");
    for (const index of indexes) await client.query(index);
    log("indexes");
    const hasRollups = await client.query("select to_regclass('run_rollups') is not null as there");
    if (hasRollups.rows[0].there) await client.query("select rebuild_run_rollups()");
    await client.query("select rebuild_llm_usage()");
    log("rollups");
    await client.query("vacuum analyze");
    log("vacuum");
  } finally {
    client.release(true);
  }
}

/** Drops every index that no constraint stands on, and says how to make each again. */
async function dropIndexes(client: pg.PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
       from pg_index i
      where i.indrelid = any ($1::regclass[]) and not i.indisunique and not exists (select from pg_constraint c where c.conindid = i.indexrelid)`,
    [OWN_TABLES],
  );
  if (rows.length > 0) await client.query(`drop index ${rows.map(({ name }) => name).join(", ")}`);
  return rows.map(({ definition }) => definition);
}

const insertRuns = (): string => `
  with stages as materialized (
    select s->>0 as pipeline, s->>1 as stage, (s->>3)::float8 as ms, (s->>4)::float8 as fails, (s->>5)::boolean as asks,
           sum((s->>2)::float8) over (order by at) / sum((s->>2)::float8) over () as up_to, (sum((s->>2)::float8) over (order by at) - (s->>2)::float8) / sum((s->>2)::float8) over () as above
      from jsonb_array_elements($4::jsonb) with ordinality t (s, at)
  ), drawn as materialized (
    select n, random() as which, random() as fate, random() as who, random() as how, random_normal() as tail, random() as amount,
           -- The share of the ten weeks that is over, in waves of a day.
           ($3::float8 - n) / $3::float8 * ${WEEKS * 7} as days_ago
      from generate_series($1::bigint, $2::bigint) n
  ), made as (
    select d.*, s.*,
           now() - (d.days_ago + 0.12 * (1 - cos(2 * pi() * d.days_ago))) * interval '1 day' as at,
           greatest(1, least(86400000, s.ms * exp(0.55 * d.tail)))::int as spent,
           case when d.n > $3 - ${UNFINISHED} then (case when d.n % 3 = 0 then 'pending' else 'running' end)
                when d.fate < s.fails then 'failed' when d.fate < s.fails * 1.4 then 'partial'
                when d.fate > 0.99 then 'cancelled' when d.fate > 0.96 then 'skipped' when d.fate > 0.94 and s.pipeline = 'trading' then 'hold'
                else 'completed' end as status
      from drawn d
      join stages s on d.which >= s.above and d.which < s.up_to
  )
  insert into runs (id, pipeline, stage, status, outcome, reason, created_by, triggered_by, created_at, started_at, completed_at, duration_ms,
                    items_processed, items_failed, items_total, units_total, units_done, error_class, error_message)
  select n, pipeline, stage, status::run_status,
         case when pipeline = 'trading' and status in ('completed', 'hold') then (case when status = 'hold' then 'HOLD' when amount < 0.5 then 'BUY' else 'SELL' end) end,
         case status when 'skipped' then 'Nothing to do' when 'cancelled' then 'Cancelled on request' end,
         'user ' || floor(20 * who * who)::int,
         (case when how < 0.55 then 'schedule' when how < 0.75 then 'web' when how < 0.87 then 'api' when how < 0.95 then 'cli' else 'ingest' end)::run_trigger,
         at, case when status not in ('pending', 'skipped') then at + interval '200 ms' end,
         case when status not in ('pending', 'running') then at + (case when status = 'skipped' then 0 else spent end + 200) * interval '1 ms' end,
         case when status not in ('pending', 'running', 'skipped') then spent end,
         case when status in ('pending', 'skipped') then 0 else floor(1000 * amount * amount)::int end, case when status in ('failed', 'partial') then ceil(20 * amount)::int else 0 end,
         ceil(1000 * amount * amount)::int, 3, case when status in ('pending', 'running') then 0 else 3 end,
         case when status in ('failed', 'partial') then $5::jsonb -> (n % 8)::int ->> 0 end,
         case when status in ('failed', 'partial') then ($5::jsonb -> (n % 8)::int ->> 1) || ' (item ' || n || ')' end
    from made
   order by n`;

const BETWEEN = "r.id between $1::bigint and $2::bigint";
/** What the triggers of annotations would copy from their runs comes along. */
const annotate = (condition: string, pair: string): string => `
  insert into run_annotations (run_id, key, value, updated_at, run_created_at, run_status, run_triggered_by, run_pipeline, run_stage, run_created_by)
  select r.id, ${pair}, r.created_at, r.created_at, r.status, r.triggered_by, r.pipeline, r.stage, r.created_by from runs r where ${BETWEEN} and ${condition}`;
const BESIDE = [
  annotate("r.id % 50 = 0", "'my_annotation', 'value ' || r.id / 50 % 100"),
  annotate("r.id % 10 = 0", "'team', (array['red', 'blue', 'green'])[1 + r.id / 10 % 3]"),
  `insert into run_subjects (run_id, key, value) select r.id, 'symbol', (array['EURUSD', 'GBPUSD', 'USDJPY', 'XAUUSD', 'BTCUSD', 'US500'])[1 + r.id % 6] from runs r where ${BETWEEN} and r.pipeline = 'trading'`,
  `insert into run_subjects (run_id, key, value) select r.id, 'sender', 'sender' || r.id % 997 || '@example.com' from runs r where ${BETWEEN} and r.pipeline = 'mail' and r.id % 4 = 0`,
  `insert into llm_calls (run_id, pipeline, stage, provider, model, role, subject, status, input_tokens, output_tokens, total_tokens, duration_ms, cost_usd, created_at)
   select r.id, r.pipeline, r.stage, 'anthropic', 'sonnet', 'analyst', 'subject' || r.id % 997, (case when r.id % 50 = 0 then 'error' else 'ok' end)::llm_call_status, 1200, 300, 1500, 500 + r.id % 9000, case when r.id % 20 > 0 then 0.0005 * (1 + r.id % 40) end, r.created_at
     from runs r where ${BETWEEN} and r.stage in ('entities', 'classify', 'drafts', 'signal', 'review') and r.status <> 'pending' and r.id % 3 = 0`,
];

const STEPS = `
  insert into run_steps (run_id, seq, unit_seq, step_name, step_key, status, input_json, output_json, duration_ms, started_at, completed_at, error_class, error)
  select r.id, s, 1, (array['load', 'parse', 'enrich', 'decide', 'save', 'notify'])[1 + s % 6], s::text, (case when is_bad then 'error' else 'ok' end)::step_status,
         '{"run": ' || r.id || '}', '{"rows": ' || s * 10 || '}', coalesce(r.duration_ms, 100) / $3::int, r.started_at, r.started_at + coalesce(r.duration_ms, 100) / $3::int * interval '1 ms',
         case when is_bad then r.error_class end, case when is_bad then r.error_message end
    from runs r
   cross join lateral (select s, s = $3::int and r.status = 'failed' as is_bad from generate_series(1, $3::int) s) steps
   where ${BETWEEN} and r.started_at is not null`;
