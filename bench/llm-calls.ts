/**
 * How fast the AI audit is with many model calls: its list, filters and facets by the API, its pages as a person gets them, usage.
 *
 *   node --conditions=react-server bench/llm-calls.ts [calls, 1000000 unless said]
 *
 * The database is its own, in .tmp/bench-llm-<calls>, and stays for the next run; delete the folder to be rid of it.
 */
import { get } from "node:http";
import { join } from "node:path";
import pg from "pg";
import { startEmbedded } from "#lib/db/embedded";
import { migrate } from "#lib/db/migrate";
import { ROOT } from "#lib/root";
import { asAdmin, startWeb } from "./web.ts";

const CALLS = Number(process.argv[2] ?? 1_000_000);
const BATCH = 100_000;
const ROUNDS = 40;
/** After those that compile code and fill caches. */
const WARM_UP = 8;
/** Over so many days up to now. */
const DAYS = 90;

/** A run for every ten calls; prompts of some 600 characters, answers of some 200. Past the triggers: usage is built at the end. */
const INSERT = `
  insert into llm_calls (id, run_id, pipeline, stage, unit_seq, unit_attempt, provider, model, role, template, template_version, subject, status, attempt, system_prompt, prompt, response_raw, response_parsed,
         error, error_class, finish_reason, input_tokens, cached_tokens, output_tokens, reasoning_tokens, total_tokens, cost_usd, duration_ms, created_at)
  select n, 1 + (n - 1) / 10, 'trading', 'signal', 1, 1, 'api.example', (array['gpt-4.1', 'gpt-4.1-mini', 'claude-sonnet-4-5', 'local-8b'])[1 + n % 4],
         (array['market_analysis', 'indicator_agent', 'pattern_agent', 'trend_agent', 'decision_agent'])[1 + n % 5], 'template-' || n % 5, 'v' || n / ($3::int / 3), (array['EURUSD', 'GBPUSD', 'USDJPY', 'XAUUSD', 'BTCUSD'])[1 + n % 5] || n % 40,
         (case when n % 50 = 0 then 'error' when n % 997 = 0 then 'cancelled' else 'ok' end)::llm_call_status, 1 + (n % 50 = 1)::int, 'You are one of four analysts of a trading desk.', repeat('candle ' || n || ' ', 40), repeat('{"signal":"HOLD"}', 10), '{"signal": "HOLD", "confidence": 0.5}',
         case when n % 50 = 0 then 'api.example failed with a server error (503).' end, case when n % 50 = 0 then 'ServerError' end, 'stop', 900 + n % 900, n % 500, 60 + n % 140, n % 40, 960 + n % 900 + n % 140,
         case when n % 4 < 3 then round((900 + n % 900) * 0.000002 + (60 + n % 140) * 0.000008, 8) end, 400 + n % 9000, now() - ($3::int - n) * (interval '${DAYS} days' / $3::int)
    from generate_series($1::int, $2::int) n`;

const server = await startEmbedded(join(ROOT, `.tmp/bench-llm-${CALLS}`));
try {
  await migrate(server.url);
  const pool = new pg.Pool({ connectionString: server.url, max: 2 });
  const { rows: [held] } = await pool.query<{ n: string }>("select count(*) as n from llm_calls");
  if (Number(held?.n) !== CALLS) await generate(pool);
  const { rows: [size] } = await pool.query<{ calls: string; hours: string }>("select pg_size_pretty(pg_total_relation_size('llm_calls')) as calls, pg_size_pretty(pg_total_relation_size('llm_usage_hours')) as hours");
  process.stdout.write(`${CALLS} calls: ${size?.calls}, their hours ${size?.hours}\n`);
  const web = await startWeb(server.url, join(ROOT, ".tmp/bench-llm-home"));
  try {
    print("what", "p50 ms", "p95 ms");
    const lists = ["", "status=error", "stage=signal", "subject=EURUSD5", "subject=~USD5", "model=local-8b", "run=777", "template=template-3", "q=GBPUSD21", "created=7d", "cost=0.004..", "duration=9s..", "sort=-cost", "sort=-tokens", "sort=-duration&status=error"];
    for (const query of lists) await measure(`API: calls ${query}`, `${web.url}/api/v1/llm-calls?${query}`);
    await measure("API: one call", `${web.url}/api/v1/llm-calls/${CALLS - 3}`);
    for (const query of ["", "days=90&by=stage", "days=90&by=role", "days=7&granularity=hourly"]) await measure(`API: usage ${query}`, `${web.url}/api/v1/llm-usage?${query}`);
    for (const field of ["model", "role", "subject", "status"]) {
      let n = 0;
      await measure(`facets of ${field}, computed`, () => `${web.url}/api/v1/llm-calls/facets?field=${field}&tokens=..${(n += 1) + 100_000}`, 12);
    }
    for (const path of ["/ai-audit", "/ai-audit?status=error", `/ai-audit/${CALLS - 3}`, "/ai-audit/usage", "/ai-audit/usage?days=90&by=stage", "/ai-audit/prompts"]) await measure(`HTML: ${path}`, `${web.url}${path}`);
  } finally {
    web.child.kill("SIGTERM");
    await pool.end();
  }
} finally {
  await server.stop();
}

async function generate(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("truncate runs, llm_calls restart identity cascade");
    const { rows } = await client.query<{ name: string; definition: string }>(
      "select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i where i.indrelid = 'llm_calls'::regclass and not exists (select 1 from pg_constraint c where c.conindid = i.indexrelid)",
    );
    for (const { name } of rows) await client.query(`drop index ${name}`);
    await client.query("set session_replication_role = replica");
    await client.query(`insert into runs (id, pipeline, stage, status, triggered_by, created_at, started_at, completed_at, duration_ms)
      select n, 'trading', 'signal', 'completed', 'schedule', at, at, at + interval '5 s', 5000 from (select n, now() - ($1::int - n) * (interval '${DAYS} days' / $1::int) as at from generate_series(1, $1::int) n) r`, [Math.ceil(CALLS / 10)]);
    for (let first = 1; first <= CALLS; first += BATCH) {
      await client.query(INSERT, [first, Math.min(first + BATCH - 1, CALLS), CALLS]);
      process.stderr.write(`${Math.min(first + BATCH - 1, CALLS)} calls\n`);
    }
    await client.query("set session_replication_role = origin");
    await client.query("set maintenance_work_mem = '512MB'");
    for (const { definition } of rows) await client.query(definition);
    await client.query("select setval('llm_calls_id_seq', $1), setval('runs_id_seq', $1)", [CALLS]);
    await client.query("select rebuild_llm_usage()");
    await client.query("vacuum analyze");
  } finally {
    client.release(true);
  }
}

async function measure(what: string, url: string | (() => string), rounds = ROUNDS): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < WARM_UP + rounds; round += 1) {
    const address = typeof url === "string" ? url : url();
    const started = performance.now();
    await fetchAll(address);
    if (round >= WARM_UP) times.push(performance.now() - started);
  }
  const at = (share: number) => times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0;
  print(what, at(0.5), at(0.95));
}

function fetchAll(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, asAdmin, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url}: ${response.statusCode}`));
      response.resume().on("end", () => resolve()).on("error", reject);
    }).on("error", reject);
  });
}

function print(what: string, ...cells: (string | number)[]): void {
  process.stdout.write(`${what.padEnd(44)}${cells.map((cell) => (typeof cell === "number" ? cell.toFixed(1) : cell).padStart(10)).join("")}\n`);
}
