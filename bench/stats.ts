/**
 * How long statistics take: computed and cached, for each of the seed's filters, beside the bare GROUP BY in the same run.
 *
 *   node --conditions=react-server bench/stats.ts [runs, 1000000 unless said]
 *
 * The database is its own, in .tmp/bench-stats, and stays for the next run of the same size; delete the folder to be rid of it.
 */
import { join } from "node:path";
import pg from "pg";
import type { Ctx } from "#lib/ctx";
import { openDb } from "#lib/db/client";
import { startEmbedded } from "#lib/db/embedded";
import { migrate } from "#lib/db/migrate";
import { parseFilter } from "#lib/filters/filter";
import { resolveMe } from "#lib/filters/rules";
import { ROOT } from "#lib/root";
import { countByStatus, getCachedCounts, getRunStats } from "#lib/stats/queries";

const ROUNDS = 40;
const wanted = Number(process.argv[2] ?? 1_000_000);
const P = "system/pipeline_run.";
const me = { value_equals: { key: `${P}created_by`, value: "me" } };
const name = { value_contains: { key: `${P}name`, value_substring: "training" } };
/** Ten weeks of runs end here. */
const range = (days: number) => ({ time_range: { key: `${P}date.created_at`, start_time: new Date(Date.parse("2026-03-12T00:00:00Z") - days * 86_400_000).toISOString(), end_time: "2026-03-12T00:00:00Z" } });
const FILTERS: [string, object | null][] = [
  ["no filter", null],
  ["created_by = me", { and: [me] }],
  ["me, 7 days", { and: [me, range(7)] }],
  ["me, 30 days", { and: [me, range(30)] }],
  ["name contains training", { and: [name] }],
  ["7 days", { and: [range(7)] }],
  ["30 days", { and: [range(30)] }],
  ["annotation exists (2 %)", { and: [{ key_exists: { key: "my_annotation" } }] }],
  ["annotation contains", { and: [{ value_contains: { key: "my_annotation", value_substring: "value 7" } }] }],
  ["all four", { and: [me, name, range(30), { key_exists: { key: "my_annotation" } }] }],
  ["status = failed", { and: [{ value_equals: { key: `${P}status`, value: "FAILED" } }] }],
  ["error contains timeout", { and: [{ value_contains: { key: `${P}error`, value_substring: "timeout" } }] }],
];

const server = await startEmbedded(join(ROOT, ".tmp/bench-stats"));
try {
  await migrate(server.url);
  const pool = new pg.Pool({ connectionString: server.url, max: 2 });
  const db = openDb(server.url);
  const ctx: Ctx = { db, actor: { kind: "cli", name: "user 3" } };
  await generate(pool);
  const bare = await measure(() => pool.query("select status, count(*) from runs group by status"));
  print("what", "p50 ms", "p95 ms", "× bare", "runs");
  print("bare GROUP BY", bare.p50, bare.p95, 1, wanted);
  for (const [what, tree] of FILTERS) {
    const resolved = tree && resolveMe(parseFilter(tree), ctx.actor.name);
    const { total } = await countByStatus(ctx, resolved);
    const computed = await measure(() => countByStatus(ctx, resolved));
    print(what, computed.p50, computed.p95, computed.p50 / bare.p50, total);
    const cached = await measure(() => getCachedCounts(ctx, resolved && resolveMe(parseFilter(tree), ctx.actor.name)));
    print("  cached", cached.p50, cached.p95, cached.p50 / bare.p50, total);
  }
  for (const by of [null, "stage", "day"] as const) {
    const own = await measure(() => getRunStats(ctx, { by, tree: null }), 5);
    print(`own words, by ${by ?? "nothing"}`, own.p50, own.p95, own.p50 / bare.p50, wanted);
  }
  await db.$disconnect();
  await pool.end();
} finally {
  await server.stop();
}

async function generate(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ count: string }>("select count(*) as count from runs");
  if (Number(rows[0]?.count) === wanted) return;
  await pool.query("truncate runs cascade");
  for (let first = 0; first < wanted; first += 250_000) {
    await pool.query(
      `insert into runs (pipeline, stage, status, created_by, triggered_by, created_at, started_at, completed_at, duration_ms, items_processed, error_message)
       select pipeline, stage, status::run_status, 'user ' || n / 3 % 20, (array['web', 'cli', 'schedule', 'api'])[1 + n % 4]::run_trigger, at,
              case when status <> 'pending' then at end, case when status not in ('pending', 'running') then at + spent * interval '1 ms' end,
              case when status not in ('pending', 'running') then spent end, (n % 1000)::int,
              case when status = 'failed' then (array['Connection timeout', 'Out of memory', 'Bad input', 'Rate limit'])[1 + n / 7 % 4] || ' in run ' || n end
         from (select n, (array['mail', 'trading', 'training', 'lab'])[1 + n % 4] as pipeline, 'stage-' || n / 4 % 7 as stage,
                      case when n > $3::int - 100 then (array['pending', 'running'])[1 + n % 2] else (array['completed', 'completed', 'completed', 'completed', 'completed', 'failed', 'partial', 'hold', 'skipped', 'cancelled'])[1 + (n * 7919 / 13) % 10] end as status,
                      timestamptz '2026-01-01Z' + n * (interval '70 days' / $3::int) as at, (100 + (n * 2654435761 % 600000))::int as spent
                 from generate_series($1::bigint, $2::bigint) n) made`,
      [first + 1, Math.min(first + 250_000, wanted), wanted],
    );
    process.stderr.write(`${Math.min(first + 250_000, wanted)} runs\n`);
  }
  await pool.query("insert into run_annotations (run_id, key, value, updated_at) select id, 'my_annotation', 'value ' || id / 50 % 100, now() from runs where id % 50 = 0");
  await pool.query("insert into run_annotations (run_id, key, value, updated_at) select id, 'other', 'x', now() from runs where id % 10 = 0");
  await pool.query("insert into llm_calls (run_id, provider, model, role, cost_usd) select id, 'p', 'm', 'r', 0.001 from runs where id % 20 = 0");
  await pool.query("vacuum analyze");
}

async function measure(ask: () => Promise<unknown>, rounds = ROUNDS): Promise<{ p50: number; p95: number }> {
  for (let n = 0; n < 3; n += 1) await ask();
  const times: number[] = [];
  for (let n = 0; n < rounds; n += 1) {
    const started = performance.now();
    await ask();
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return { p50: times[Math.floor(rounds * 0.5)] ?? 0, p95: times[Math.floor(rounds * 0.95)] ?? 0 };
}

function print(what: string, ...cells: (string | number)[]): void {
  const shown = cells.map((cell) => (typeof cell === "string" || Number.isInteger(cell) ? String(cell) : cell.toFixed(cell < 1 ? 3 : 1)));
  console.log(`${what.padEnd(28)}${shown.map((cell) => cell.padStart(10)).join("")}`);
}
