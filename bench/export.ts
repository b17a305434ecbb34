/**
 * How fast a million runs leave as a file, and what the web process takes for it: its own process, asked over HTTP as a
 * browser would, its resident memory looked at from outside.
 *
 *   node --conditions=react-server bench/export.ts [runs, 1000000 unless said] [--slow: read one export at 2 MB/s besides]
 *
 * Wants a build (./penstock start makes one). The database is its own, in .tmp/bench-export, and stays for the next run.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { startEmbedded } from "#lib/db/embedded";
import { migrate } from "#lib/db/migrate";
import { EXPORT_FORMATS } from "#lib/export/fields";
import { ROOT } from "#lib/root";
import { asAdmin, signInTo } from "./web.ts";

const wanted = Number(process.argv[2] ?? 1_000_000);
const SLOW_BYTES_PER_S = 2_000_000;
const LIMIT_MB = 250;
const PORT = 4329;

const database = await startEmbedded(join(ROOT, ".tmp/bench-export"));
let web: ChildProcess | undefined;
try {
  await migrate(database.url);
  await generate(database.url);
  await signInTo(database.url);
  web = spawn(join(ROOT, "penstock"), ["web"], { cwd: ROOT, env: { ...process.env, DATABASE_URL: database.url, PORT: String(PORT) }, stdio: ["ignore", "ignore", "inherit"] });
  const base = `http://127.0.0.1:${PORT}`;
  for (let tries = 0; !(await fetch(`${base}/health`).catch(() => null))?.ok; tries += 1) {
    if (tries > 600) throw new Error("The web process does not answer");
    await sleep(100);
  }
  const pid = web.pid ?? 0;
  await (await fetch(`${base}/api/v1/runs?limit=1`, asAdmin)).text();
  print("what", "rows", "seconds", "rows/s", "MB", "RSS before", "RSS peak");
  const counted = performance.now();
  const count = await (await fetch(`${base}/api/v1/runs/count`, asAdmin)).json();
  print("count said before", count.data.value, (performance.now() - counted) / 1_000, "", "", rss(pid, "VmRSS"), "");
  let peak = 0;
  for (const format of EXPORT_FORMATS) peak = Math.max(peak, await measure(base, pid, `format=${format}`, format));
  peak = Math.max(peak, await measure(base, pid, "format=csv&status=failed&sort=-duration", "csv, failed, sorted"));
  if (process.argv.includes("--slow")) peak = Math.max(peak, await measure(base, pid, "format=ndjson&status=failed", "ndjson, slow reader", SLOW_BYTES_PER_S));
  console.log(`\npeak ${peak.toFixed(0)} MB of ${LIMIT_MB} MB: ${peak <= LIMIT_MB ? "kept" : "NOT KEPT"}`);
  process.exitCode = peak <= LIMIT_MB ? 0 : 1;
} finally {
  if (web?.exitCode === null) {
    web.kill("SIGTERM");
    await new Promise((resolve) => web?.once("exit", resolve));
  }
  await database.stop();
}

/** Reads one export to its end. Returns the peak of the web process so far, in MB. */
async function measure(base: string, pid: number, query: string, what: string, bytesPerSecond = Number.POSITIVE_INFINITY): Promise<number> {
  const before = rss(pid, "VmRSS");
  const begun = performance.now();
  const response = await fetch(`${base}/api/v1/runs/export?${query}`, asAdmin);
  if (!response.ok || !response.body) throw new Error(await response.text());
  let bytes = 0;
  let lines = 0;
  for await (const piece of response.body) {
    bytes += piece.length;
    for (const byte of piece) if (byte === 10) lines += 1;
    const early = (bytes * 1_000) / bytesPerSecond - (performance.now() - begun);
    if (early > 0) await sleep(early);
  }
  const seconds = (performance.now() - begun) / 1_000;
  const rows = query.includes("parquet") ? wanted : lines - (query.includes("csv") ? 1 : 0);
  const peak = rss(pid, "VmHWM");
  print(what, rows, seconds, rows / seconds, bytes / 1e6, before, peak);
  return peak;
}

/** A line of /proc, in MB: `VmRSS` is what it takes now, `VmHWM` the most that it ever took. */
function rss(pid: number, field: "VmRSS" | "VmHWM"): number {
  const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return (Number(kilobytes) * 1_024) / 1e6;
}

async function generate(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ count: string }>("select count(*) as count from runs");
  if (Number(rows[0]?.count) !== wanted) {
    await client.query("truncate runs cascade");
    for (let first = 0; first < wanted; first += 100_000) {
      await client.query(
        `insert into runs (pipeline, stage, status, created_by, triggered_by, created_at, started_at, completed_at, duration_ms, items_processed, items_total, outcome, error_message)
         select (array['mail', 'trading', 'backtest'])[1 + n % 3], 'stage-' || n % 7, status::run_status, 'user ' || n % 20, (array['web', 'cli', 'schedule', 'api'])[1 + n % 4]::run_trigger, at,
                at, at + n % 600000 * interval '1 ms', (n % 600000)::int, (n % 1000)::int, 1000, case when n % 9 = 0 then 'BUY' end,
                case when status = 'failed' then 'Connection timeout after 30 s, "as said", in run ' || n || repeat(' of many', 20) end
           from (select n, (array['completed', 'completed', 'completed', 'failed', 'partial', 'hold', 'skipped', 'cancelled'])[1 + n % 8] as status, timestamptz '2026-01-01Z' + n * interval '6 s' as at from generate_series($1::int, $2::int) n) made`,
        [first + 1, Math.min(first + 100_000, wanted)],
      );
      process.stderr.write(`${Math.min(first + 100_000, wanted)} runs\n`);
    }
    await client.query("insert into run_subjects (run_id, key, value) select id, 'symbol', (array['EURUSD', 'GBPUSD', 'USDJPY'])[1 + id % 3] from runs where id % 3 = 1");
    await client.query("vacuum analyze");
  }
  await client.end();
}

function print(what: string, ...cells: (string | number)[]): void {
  console.log(`${what.padEnd(22)}${cells.map((cell) => (typeof cell === "string" ? cell : Number.isInteger(cell) || cell >= 100 ? cell.toFixed(0) : cell.toFixed(2)).padStart(12)).join("")}`);
}
