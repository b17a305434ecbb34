/**
 * How fast old runs are deleted and stripped, what a reader of the runs page feels meanwhile, and what a scrape of /metrics
 * asks of the database.
 *
 *   node --conditions=react-server bench/retention.ts [runs, 200000 unless said; half of them go]
 *
 * The database is its own, in .tmp/bench-retention, made anew each time. Each run has 5 steps, a unit and 3 events.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Ctx } from "#lib/ctx";
import { openDb } from "#lib/db/client";
import { startEmbedded } from "#lib/db/embedded";
import { migrate } from "#lib/db/migrate";
import { readDatabaseSamples } from "#lib/metrics/queries";
import { prune } from "#lib/retention/mutations";
import { planPrune } from "#lib/retention/queries";
import type { Cutoffs } from "#lib/retention/rules";
import { ROOT } from "#lib/root";
import { readRunsFilter } from "#lib/runs/filter";
import { listRuns } from "#lib/runs/queries";
import { countByStatus } from "#lib/stats/queries";
import { generate } from "./generate.ts";

const wanted = Number(process.argv[2] ?? 200_000);
const home = join(ROOT, ".tmp/bench-retention");
rmSync(home, { recursive: true, force: true });
const server = await startEmbedded(home);
const percentile = (times: number[], p: number) => times.toSorted((a, b) => a - b)[Math.floor((times.length - 1) * p)] ?? 0;
const ms = (value: number) => `${value.toFixed(1)} ms`;
try {
  await migrate(server.url);
  const pool = new pg.Pool({ connectionString: server.url, max: 2 });
  await generate(pool, { runs: wanted, stepsPerRun: 5 });
  await pool.query("insert into run_units (run_id, seq, name, status) select id, 1, 'only', 'completed' from runs");
  await pool.query("insert into run_events (run_id, type, actor) select id, t, 'bench' from runs cross join unnest(array['run.pending', 'run.running', 'run.completed']) t");
  await pool.query("update run_steps set input_json = repeat('{\"in\": 1}', 20), output_json = repeat('{\"out\": 2}', 20)");
  await pool.query("vacuum analyze");
  await pool.end();
  const db = openDb(server.url, 6);
  const reading = openDb(server.url, 2);
  const ctx: Ctx = { db, actor: { kind: "worker", name: "retention" } };
  const reader: Ctx = { db: reading, actor: { kind: "cli", name: "reader" } };

  /** The newest page of runs, again and again, until `work` ends. */
  const readDuring = async (work: Promise<unknown>): Promise<number[]> => {
    const times: number[] = [];
    let isOver = false;
    void work.then(() => { isOver = true; });
    while (!isOver) {
      const startedAt = performance.now();
      await listRuns(reader, newest);
      times.push(performance.now() - startedAt);
      await sleep(20);
    }
    return times.slice(1);
  };
  const { filter: newest } = readRunsFilter(new URLSearchParams());
  const told = (times: number[]) => `p50 ${ms(percentile(times, 0.5))}, p95 ${ms(percentile(times, 0.95))}, of ${times.length}`;

  console.log(`reader alone: ${told(await readDuring(sleep(8_000)))}`);
  const [at] = await db.$queryRaw<{ half: Date; third: Date }[]>`
    select to_timestamp(percentile_cont(0.5) within group (order by extract(epoch from completed_at))) as half,
           to_timestamp(percentile_cont(0.75) within group (order by extract(epoch from completed_at))) as third from runs`;
  if (!at) throw new Error("There are no runs");
  const measure = async (what: string, cutoffs: Cutoffs) => {
    const startedAt = performance.now();
    const plan = await planPrune(ctx, cutoffs);
    console.log(`${what}: planned ${plan.delete.runs} and ${plan.strip.runs} in ${ms(performance.now() - startedAt)}`);
    const begun = performance.now();
    const work = prune(ctx, { cutoffs });
    const times = await readDuring(work);
    const counts = await work;
    const seconds = (performance.now() - begun) / 1_000;
    const rows = counts.runs * 2 + counts.stripped + counts.steps + counts.calls + counts.logs + counts.events;
    console.log(`${what}: ${JSON.stringify(counts)} in ${seconds.toFixed(1)} s: ${Math.round((counts.runs + counts.stripped) / seconds)} runs/s, ${Math.round(rows / seconds)} rows/s; reader meanwhile: ${told(times)}`);
  };
  await measure("deleting", { runs: at.half, payloads: null });
  await measure("stripping", { runs: null, payloads: at.third });

  const raw = await db.$queryRaw<{ status: string; n: number }[]>`select status::text, count(*)::int as n from runs group by 1 order by 1`;
  const { counts } = await countByStatus(ctx, null);
  console.log(`statistics are exact: ${raw.every(({ status, n }) => counts[status as keyof typeof counts] === n)}`);
  const scrapes: number[] = [];
  for (let n = 0; n < 50; n += 1) {
    const startedAt = performance.now();
    await readDatabaseSamples(ctx);
    scrapes.push(performance.now() - startedAt);
  }
  console.log(`a scrape's question: ${told(scrapes)}`);
  await db.$disconnect();
  await reading.$disconnect();
} finally {
  await server.stop();
}
