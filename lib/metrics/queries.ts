import { inTransaction, type Ctx } from "#lib/ctx";
import { statsCacheOf } from "#lib/stats/queries";
import { IS_ALIVE } from "#lib/workers/queries";
import type { MetricName } from "./fields.ts";
import { processSamples } from "./process.ts";
import { recordedSamples } from "./recorder.ts";
import { printMetrics, type Sample, type Samples } from "./rules.ts";

/** What a scrape may cost the database, in milliseconds; past it the scrape goes without. */
const DATABASE_BUDGET_MS = 100;
/** As long an answer of the database is given again, in milliseconds: several scrapers are as cheap as one. */
const KEPT_MS = 5_000;
/** Unfinished runs and living workers looked at; more are not told apart any better. */
const MAX_RUNS = 5_000;
const MAX_WORKERS = 100;

type Row = { name: MetricName; a: string; b: string; value: number };
const LABELS: Partial<Record<MetricName, (row: Row) => Record<string, string>>> = {
  app_runs_total: ({ a, b }) => ({ pipeline: a, status: b }),
  app_queue_depth: ({ a, b }) => ({ stage: a, state: b }),
  app_queue_oldest_timestamp_seconds: ({ a }) => ({ stage: a }),
  app_workers: ({ a }) => ({ state: a }),
  app_worker_heartbeat_timestamp_seconds: ({ a }) => ({ worker: a }),
};

/**
 * What only the database knows, in one statement: the rollups of all time (a row for each stage and status), unfinished runs by
 * their partial index, units that are held by theirs, workers that have not stopped by theirs.
 *
 * @throws when the database is away, or needs longer than `DATABASE_BUDGET_MS`
 */
export function readDatabaseSamples(ctx: Ctx): Promise<Samples> {
  return inTransaction(ctx, async (tx) => {
    await tx.db.$queryRaw`select set_config('statement_timeout', ${String(DATABASE_BUDGET_MS)}, true)`;
    const rows = await tx.db.$queryRaw<Row[]>`
      with open_runs as materialized (
        select r.id, r.pipeline || '/' || r.stage as stage, r.status, r.created_at, r.units_total - r.units_done - r.units_failed as units
          from runs r where r.status in ('pending', 'running') order by r.id limit ${MAX_RUNS}::int
      ), held as materialized (
        select u.run_id, count(*)::int as n from run_units u where u.status = 'running' group by u.run_id
      ), queue as materialized (
        select o.stage, o.created_at, coalesce(h.n, 0) as running,
               case when o.status = 'pending' then 1 else greatest(0, o.units - coalesce(h.n, 0)) end as waiting
          from open_runs o left join held h on h.run_id = o.id
      ), living as materialized (
        select w.id, w.drain_requested_at, coalesce(w.heartbeat_at, w.started_at) as heard, ${IS_ALIVE} as alive
          from workers w where w.stopped_at is null order by w.id desc limit ${MAX_WORKERS}::int
      )
      select 'app_runs_total' as name, e.pipeline as a, e.status::text as b, sum(e.runs)::float8 as value
        from (select pipeline, status, runs from run_rollups where grain = 'ever'
               union all select pipeline, status, runs from run_rollup_deltas
               union all select pipeline, status, runs from pruned_runs) e
       group by 2, 3
      union all
      select 'app_queue_depth', q.stage, s.state, sum(case s.state when 'running' then q.running else q.waiting end)::float8
        from queue q cross join (values ('running'), ('waiting')) s (state) group by 2, 3
      union all
      select 'app_queue_oldest_timestamp_seconds', q.stage, '', extract(epoch from min(q.created_at))::float8 from queue q where q.waiting > 0 group by 2
      union all
      select 'app_workers', s.state, '', count(l.id)::float8
        from (values ('alive'), ('draining'), ('silent')) s (state)
        left join living l on s.state = case when not l.alive then 'silent' when l.drain_requested_at is not null then 'draining' else 'alive' end
       group by 2
      union all
      select 'app_worker_heartbeat_timestamp_seconds', l.id::text, '', extract(epoch from l.heard)::float8 from living l
       order by 1, 2, 3`;
    const samples: Samples = new Map();
    for (const row of rows) {
      const list = (samples.get(row.name) ?? []) as Sample[];
      list.push({ labels: LABELS[row.name]?.(row) ?? {}, value: row.value });
      samples.set(row.name, list);
    }
    return samples;
  });
}

const held = globalThis as { penstockScrape?: { until: number; samples: Promise<Samples | null> } };

/** Everything that the web process tells: what only the database knows, and what it has seen itself. Always answers. */
export async function scrapeWeb(openCtx: () => Ctx): Promise<string> {
  const now = performance.now();
  if (!held.penstockScrape || held.penstockScrape.until < now) {
    held.penstockScrape = { until: now + KEPT_MS, samples: Promise.resolve().then(() => readDatabaseSamples(openCtx())).catch(() => null) };
  }
  const fromDatabase = await held.penstockScrape.samples;
  const samples = new Map([...recordedSamples(), ...processSamples(), ...(fromDatabase ?? [])]);
  samples.set("app_database_up", [{ labels: {}, value: fromDatabase ? 1 : 0 }]);
  const ageMs = fromDatabase ? statsCacheOf(openCtx()).oldestAgeMs(performance.now()) : null;
  if (ageMs !== null) samples.set("app_stats_cache_age_seconds", [{ labels: {}, value: ageMs / 1_000 }]);
  return printMetrics(samples);
}

/** Everything that a worker tells: its own doings. What the database knows is asked of the web process, once. */
export function scrapeWorker(): string {
  return printMetrics(new Map([...recordedSamples(), ...processSamples()]));
}
