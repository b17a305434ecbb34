/**
 * What rollups cost where runs are written: inserts, starts, ends, progress, LLM calls and deletes of 10,000 runs with the
 * triggers and without them, and how fast deltas are folded.
 *
 *   node --conditions=react-server bench/rollups.ts
 *
 * Works in the database of bench/stats.ts (1 M runs); everything is rolled back.
 */
import { join } from "node:path";
import pg from "pg";
import { startEmbedded } from "#lib/db/embedded";
import { migrate } from "#lib/db/migrate";
import { ROOT } from "#lib/root";

const COUNT = 10_000;
const SINGLES = 2_000;
const ROUNDS = 3;
const IDS = "id > (select max(id) from runs where pipeline <> 'bench')";
const insert = (status: string) =>
  `insert into runs (pipeline, stage, status, created_by, created_at, started_at, completed_at, duration_ms)
   select 'bench', 's' || i % 7, '${status}', 'user ' || i % 20, now() - i * interval '1 second', now(), ${status === "pending" ? "null, null" : "now(), i"} from generate_series(1, $1::int) i`;

/** Each works on what the ones before it have left. */
const ACTS: [string, (client: pg.Client) => Promise<unknown>, number][] = [
  ["insert pending, in one statement", (client) => client.query(insert("pending"), [COUNT]), COUNT],
  ["start, one by one", (client) => each(client, `update runs set status = 'running' where id = (select max(id) from runs) - $1::int`), SINGLES],
  ["progress, one by one", (client) => each(client, `update runs set items_processed = items_processed + 1 where id = (select max(id) from runs) - $1::int`), SINGLES],
  ["LLM call, one by one", (client) => each(client, `insert into llm_calls (run_id, provider, model, role, cost_usd) values ((select max(id) from runs) - $1::int, 'p', 'm', 'r', 0.1)`), SINGLES],
  ["end, one by one", (client) => each(client, `update runs set status = 'completed', completed_at = now(), duration_ms = 5 where id = (select max(id) from runs) - $1::int`), SINGLES],
  ["end, in one statement", (client) => client.query(`update runs set status = 'failed', completed_at = now(), duration_ms = 5 where ${IDS} and status = 'pending'`), COUNT - SINGLES],
  ["delete, in one statement", (client) => client.query(`delete from runs where ${IDS}`), COUNT],
  ["insert ended, in one statement", (client) => client.query(insert("completed"), [COUNT]), COUNT],
  ["insert one by one", (client) => each(client, `${insert("pending").replace("$1::int", "least(1, $1::int + 1)")}`), SINGLES],
];

async function each(client: pg.Client, text: string): Promise<void> {
  for (let n = 0; n < SINGLES; n += 1) await client.query({ name: text.slice(0, 60), text, values: [n] });
}

const server = await startEmbedded(join(ROOT, ".tmp/bench-stats-1000000"));
try {
  await migrate(server.url);
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  const times = new Map(ACTS.map(([what]) => [what, { with: [] as number[], without: [] as number[] }]));
  const folds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const side of ["with", "without"] as const) {
      await client.query("begin");
      if (side === "without") {
        for (const [table, name] of [["runs", "runs_insert_rollup"], ["runs", "runs_update_rollup"], ["runs", "runs_delete_rollup"], ["llm_calls", "llm_calls_rollup"]]) await client.query(`alter table ${table} disable trigger ${name}`);
      }
      for (const [what, act] of ACTS) {
        const started = performance.now();
        await act(client);
        times.get(what)?.[side].push(performance.now() - started);
      }
      if (side === "with") {
        const started = performance.now();
        const { rows: [row] } = await client.query("select fold_run_rollups(5000) as folded");
        folds.push((1000 * Number(row.folded)) / (performance.now() - started));
      }
      await client.query("rollback");
    }
  }
  const median = (list: number[]) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
  console.log(`${"µs a run".padEnd(36)}${["without", "with"].map((word) => word.padStart(10)).join("")}`);
  for (const [what, , count] of ACTS) {
    const { with: withs = [], without = [] } = times.get(what) ?? {};
    console.log(`${what.padEnd(36)}${[median(without), median(withs)].map((ms) => ((1000 * ms) / count).toFixed(1).padStart(10)).join("")}`);
  }
  console.log(`${"deltas folded a second".padEnd(36)}${Math.round(median(folds)).toString().padStart(20)}`);
  await client.end();
} finally {
  if (!server.wasRunning) await server.stop();
}
