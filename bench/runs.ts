/**
 * How fast runs are found: the API beside a bare node:http server that answers with the same rows by the same SQL, in one run;
 * the pages as a person gets them; facets.
 *
 *   node --conditions=react-server bench/runs.ts [runs, 1000000 unless said] [steps a run, 5]
 *
 * The database is its own, in .tmp/bench-runs-<runs>, and stays for the next run; delete the folder to be rid of it.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { startEmbedded } from "#lib/db/embedded";
import { migrate } from "#lib/db/migrate";
import { ROOT } from "#lib/root";
import { generate } from "./generate.ts";
import { asAdmin, readFrom, startWeb } from "./web.ts";

const RUNS = Number(process.argv[2] ?? 1_000_000);
const STEPS = Number(process.argv[3] ?? 5);
const ROUNDS = 200;
/** Rounds before those that are measured, which compile code and fill caches: a server that has been up for a while. */
const WARM_UP = 100;
/** The same for a page, whose code is far more. */
const PAGE_WARM_UP = 400;
const COLUMNS = "select id, external_id, pipeline, stage, status, outcome, reason, triggered_by, created_by, created_at, started_at, completed_at, duration_ms, items_processed, items_failed, items_total, units_total, units_done, units_failed, left(error_message, 300), retry_of, group_id from runs";

const server = await startEmbedded(join(ROOT, `.tmp/bench-runs-${RUNS}`));
try {
  await migrate(server.url);
  const pool = new pg.Pool({ connectionString: server.url, max: 2 });
  const { rows: [held] } = await pool.query<{ runs: string }>("select count(*) as runs from runs");
  if (Number(held?.runs) !== RUNS) await generate(pool, { runs: RUNS, stepsPerRun: STEPS, log: (line) => process.stderr.write(`${line}\n`) });
  // What was read is in memory, as on a server that has been up for a while.
  await pool.query("create extension if not exists pg_prewarm");
  await pool.query("select pg_prewarm(c.oid::regclass) from pg_class c where c.relname ~ '^runs' and c.relkind in ('r', 'i')");
  const web = await startWeb(server.url, join(ROOT, ".tmp/bench-runs-home"));
  const floor = await startFloor(pool);
  const ownUrl = (query: string) => `${web.url}/api/v1/runs?${query}`;
  const bareUrl = (sql: string) => `${floor.url}/?${new URLSearchParams({ sql })}`;
  try {
    const deep = await cursorAfter(web.url, 1_000);
    const questions: [what: string, query: string, sql: string][] = [
      ...LISTS().map(([what, query]): [string, string, string] => [what, query, floorSql(query)]),
      ["1,000 pages deep", `cursor=${deep}`, `${COLUMNS} order by coalesce(started_at, completed_at, 'infinity') desc, id desc offset 0 limit 51`],
    ];
    // Each question warms the code of all: a server answers many kinds, and the first is not to pay for the others.
    for (let round = 0; round < WARM_UP; round += 1) for (const [, query, sql] of questions) await Promise.all([readFrom(ownUrl(query)), readFrom(bareUrl(sql))]);
    print("what", "p50 ms", "p95 ms", "floor p50", "× floor");
    for (const [what, query, sql] of questions) {
      const [own, bare] = await measureBeside(ownUrl(query), bareUrl(sql));
      print(`API: ${what}`, own.p50, own.p95, bare.p50, own.p50 / bare.p50);
    }
    const { rows: [run] } = await pool.query<{ id: string }>("select id from runs where status = 'failed' order by id desc limit 1");
    for (const [what, path] of [["runs page", "/runs"], ["runs page, failed", "/runs?status=failed"], ["dashboard", "/"], ["dashboard, 7 days", "/?created=7d"], ["dashboard, one stage", "/?stage=content"], [`run page, ${STEPS} steps`, `/runs/${run?.id}`]] as const) {
      const page = await measure(`${web.url}${path}`, ROUNDS, PAGE_WARM_UP);
      print(`HTML: ${what}`, page.p50, page.p95, "", "");
    }
    for (const field of ["status", "stage", "pipeline", "trigger", "creator", "outcome", "subject.symbol"]) {
      // Each asks for a filter that nobody has asked for, so that none is answered from the cache.
      let n = 0;
      const facet = await measure(() => `${web.url}/api/v1/runs/facets?field=${field}&items=..${(n += 1) + 1_000_000}`, 20);
      const cached = await measure(`${web.url}/api/v1/runs/facets?field=${field}`);
      print(`facets of ${field}, computed`, facet.p50, facet.p95, "", "");
      print("  cached", cached.p50, cached.p95, "", "");
    }
  } finally {
    floor.close();
    web.child.kill("SIGTERM");
  }
  await pool.end();
} finally {
  await server.stop();
}

function LISTS(): [string, string][] {
  return [
    ["newest", ""], ["status = failed", "status=failed"], ["stage + 30 days", "stage=content&created=30d"], ["error contains, frequent", "error=timeout"], ["error contains, rare", "error=price"],
    ["search, frequent", "q=timeout"], ["search, nothing", "q=zzzzzz"], ["sort by items", "sort=-items"], ["sort by duration", "sort=-duration"],
    ["failed + stage + 7 days", "status=failed&stage=entities&created=7d"], ["not failed, by person", "not.status=failed&creator=user%203"],
  ];
}

/** The plainest statement that answers the same question. */
function floorSql(query: string): string {
  const asked = new URLSearchParams(query);
  const conditions = [
    ...(asked.has("status") ? [`status = '${asked.get("status")}'`] : []),
    ...(asked.has("not.status") ? [`status <> '${asked.get("not.status")}'`] : []),
    ...(asked.has("stage") ? [`stage = '${asked.get("stage")}'`] : []),
    ...(asked.has("creator") ? [`created_by = '${asked.get("creator")}'`] : []),
    ...(asked.has("created") ? [`created_at >= now() - interval '${asked.get("created")?.replace("d", " days")}'`] : []),
    ...(asked.has("error") ? [`error_message ilike '%${asked.get("error")}%'`] : []),
    ...(asked.has("q") ? [`(error_message ilike '%${asked.get("q")}%' or stage ilike '%${asked.get("q")}%' or pipeline ilike '%${asked.get("q")}%')`] : []),
  ];
  const order = { "-items": "items_processed desc", "-duration": "coalesce(duration_ms, -1) desc" }[asked.get("sort") ?? ""] ?? "coalesce(started_at, completed_at, 'infinity') desc";
  return `${COLUMNS}${conditions.length > 0 ? ` where ${conditions.join(" and ")}` : ""} order by ${order}, id desc limit 51`;
}

async function startFloor(pool: pg.Pool): Promise<{ url: string; close(): void }> {
  const bare = createServer(async (request, response) => {
    const { rows } = await pool.query(new URL(request.url ?? "", "http://localhost").searchParams.get("sql") ?? "");
    response.setHeader("Content-Type", "application/json").end(JSON.stringify({ data: rows }));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => bare.once("listening", resolve));
  return { url: `http://127.0.0.1:${(bare.address() as AddressInfo).port}`, close: () => bare.close() };
}

async function cursorAfter(url: string, pages: number): Promise<string> {
  let cursor = "";
  for (let page = 0; page < pages; page += 1) {
    const answer = (await (await fetch(`${url}/api/v1/runs?limit=50${cursor ? `&cursor=${cursor}` : ""}`, asAdmin)).json()) as { page: { nextCursor: string } };
    cursor = answer.page.nextCursor;
  }
  return cursor;
}

type Measured = { p50: number; p95: number };

/** Two addresses in turn, so that whatever else the machine does falls on both. */
async function measureBeside(own: string, bare: string): Promise<[own: Measured, bare: Measured]> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    times[0].push(await time(own));
    times[1].push(await time(bare));
  }
  return [percentiles(times[0]), percentiles(times[1])];
}

async function measure(target: string | (() => string), rounds = ROUNDS, warmUp = Math.min(WARM_UP, rounds)): Promise<Measured> {
  const times: number[] = [];
  for (let round = -warmUp; round < rounds; round += 1) {
    const took = await time(typeof target === "string" ? target : target());
    if (round >= 0) times.push(took);
  }
  return percentiles(times);
}

async function time(url: string): Promise<number> {
  const started = performance.now();
  await readFrom(url);
  return performance.now() - started;
}

function percentiles(times: number[]): Measured {
  times.sort((a, b) => a - b);
  return { p50: times[Math.floor(times.length * 0.5)] ?? 0, p95: times[Math.floor(times.length * 0.95)] ?? 0 };
}

function print(what: string, ...cells: (string | number)[]): void {
  console.log(`${what.padEnd(38)}${cells.map((cell) => (typeof cell === "number" ? cell.toFixed(1) : cell).padStart(11)).join("")}`);
}
