/**
 * How long statistics take: computed and cached, for each of the seed's filters and for what the dashboard asks, beside the
 * bare GROUP BY in the same run.
 *
 *   node --conditions=react-server bench/stats.ts [runs, 1000000 unless said; 10000000 takes ten minutes and 10 GB]
 *
 * The database is its own, in .tmp/bench-stats-<runs>, and stays for the next run of the same size; delete the folder to be
 * rid of it.
 */
import { join } from "node:path";
import pg from "pg";
import type { Ctx } from "#lib/ctx";
import { openDb } from "#lib/db/client";
import { startEmbedded } from "#lib/db/embedded";
import { migrate } from "#lib/db/migrate";
import { parseFilter } from "#lib/filters/filter";
import { type ResolvedFilter, resolveMe } from "#lib/filters/rules";
import { ROOT } from "#lib/root";
import { countByStatus, getCachedCounts, getRunSeries, getRunStats, getStageHealth } from "#lib/stats/queries";
import { generate } from "./generate.ts";

const ENOUGH_MS = 1_500;
const wanted = Number(process.argv[2] ?? 1_000_000);
const P = "system/pipeline_run.";
const DAY_MS = 86_400_000;

const server = await startEmbedded(join(ROOT, `.tmp/bench-stats-${wanted}`));
try {
  await migrate(server.url);
  const pool = new pg.Pool({ connectionString: server.url, max: 2 });
  pool.on("error", () => {});
  const db = openDb(server.url);
  const ctx: Ctx = { db, actor: { kind: "cli", name: "user 3" } };
  const { rows: [held] } = await pool.query<{ runs: string }>("select count(*) as runs from runs");
  if (Number(held?.runs) !== wanted) await generate(pool, { runs: wanted, log: (line) => process.stderr.write(`${line}\n`) });
  const { rows: [newest] } = await pool.query<{ at: Date }>("select max(created_at) as at from runs");
  const end = newest?.at ?? new Date();

  const me = { value_equals: { key: `${P}created_by`, value: "me" } };
  const name = { value_contains: { key: `${P}name`, value_substring: "training" } };
  const range = (days: number) => ({ time_range: { key: `${P}date.created_at`, start_time: new Date(end.getTime() - days * DAY_MS).toISOString(), end_time: new Date(end.getTime() + 1).toISOString() } });
  const annotated = { key_exists: { key: "my_annotation" } };
  const treeOf = (nodes: object[]): ResolvedFilter | null => (nodes.length > 0 ? resolveMe(parseFilter({ and: nodes }), ctx.actor.name) : null);

  const bare = await measure(() => pool.query("select status, count(*) from runs group by status"));
  print("what", "p50 ms", "p95 ms", "× bare", "runs");
  print("bare GROUP BY", bare.p50, bare.p95, 1, wanted);
  const counts: [string, object[]][] = [
    ["no filter", []],
    ["created_by = me", [me]],
    ["me, 7 days", [me, range(7)]],
    ["me, 30 days", [me, range(30)]],
    ["name contains training", [name]],
    ["name contains, 30 days", [name, range(30)]],
    ["me, name contains, 30 days", [me, name, range(30)]],
    ["1 day", [range(1)]],
    ["7 days", [range(7)]],
    ["30 days", [range(30)]],
    ["status = failed", [{ value_equals: { key: `${P}status`, value: "FAILED" } }]],
    ["triggered by cli, 30 days", [{ value_equals: { key: `${P}triggered_by`, value: "cli" } }, range(30)]],
    ["annotation exists (2 %)", [annotated]],
    ["annotation exists (10 %)", [{ key_exists: { key: "team" } }]],
    ["annotation contains", [{ value_contains: { key: "my_annotation", value_substring: "value 7" } }]],
    ["annotation = red (3 %)", [{ value_equals: { key: "team", value: "red" } }]],
    ["annotation exists, 7 days", [annotated, range(7)]],
    ["all four", [me, name, range(30), annotated]],
    ["error contains timeout", [{ value_contains: { key: `${P}error`, value_substring: "timeout" } }]],
  ];
  for (const [what, nodes] of counts) {
    const { total } = await countByStatus(ctx, treeOf(nodes));
    const computed = await measure(() => countByStatus(ctx, treeOf(nodes)));
    print(what, computed.p50, computed.p95, computed.p50 / bare.p50, total);
    const cached = await measure(() => getCachedCounts(ctx, treeOf(nodes)));
    print("  cached", cached.p50, cached.p95, cached.p50 / bare.p50, total);
  }

  const words: [string, Parameters<typeof getRunStats>[1]][] = [
    ...([null, "status", "stage", "pipeline", "trigger", "day", "hour"] as const).map((by): (typeof words)[number] => [`by ${by ?? "nothing"}`, { by, tree: null }]),
    ["by stage, 7 days", { by: "stage", tree: treeOf([range(7)]) }],
    ["by stage, 30 days", { by: "stage", tree: treeOf([range(30)]) }],
    ["by nothing, me", { by: null, tree: treeOf([me]) }],
    ["by nothing, me, 7 days", { by: null, tree: treeOf([me, range(7)]) }],
    ["by nothing, annotated", { by: null, tree: treeOf([annotated]) }],
  ];
  for (const [what, input] of words) {
    const own = await measure(() => getRunStats(ctx, input));
    print(`own words ${what}`, own.p50, own.p95, own.p50 / bare.p50, (await getRunStats(ctx, input)).total);
  }
  // Without what was kept: each asks anew.
  const fresh = (): void => { delete (globalThis as { penstockStats?: unknown }).penstockStats; };
  for (const [what, tree] of [["", null], [", me", treeOf([me])], [", annotated", treeOf([annotated])]] as const) {
    for (const days of [1 / 24, 1, 7, 30, 70]) {
      const from = new Date(end.getTime() - days * DAY_MS);
      const series = await measure(() => { fresh(); return getRunSeries(ctx, { tree, from, to: end }); });
      print(`series of ${days < 1 ? "1 hour" : `${days} days`}${what}`, series.p50, series.p95, series.p50 / bare.p50);
      const health = await measure(() => { fresh(); return getStageHealth(ctx, { tree, from, to: end }); });
      print(`stage health of ${days < 1 ? "1 hour" : `${days} days`}${what}`, health.p50, health.p95, health.p50 / bare.p50);
    }
  }
  const { rows: sizes } = await pool.query("select c.relname as name, pg_size_pretty(pg_total_relation_size(c.oid)) as size, c.reltuples::bigint as rows from pg_class c where c.relname ~ 'rollup|^runs$' and c.relkind = 'r' order by 1");
  for (const { name: table, size, rows } of sizes) print(table, size, "", "", Number(rows));
  await db.$disconnect();
  await pool.end();
} finally {
  await server.stop();
}

/** Up to 40 times, but no longer than it takes to be sure; p95 of few is the slowest. */
async function measure(ask: () => Promise<unknown>): Promise<{ p50: number; p95: number }> {
  await ask();
  const times: number[] = [];
  for (const begun = performance.now(); times.length < 40 && (times.length < 3 || performance.now() - begun < ENOUGH_MS); ) {
    const started = performance.now();
    await ask();
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return { p50: times[Math.floor(times.length * 0.5)] ?? 0, p95: times[Math.floor(times.length * 0.95)] ?? 0 };
}

function print(what: string, ...cells: (string | number)[]): void {
  const shown = cells.map((cell) => (typeof cell === "string" || Number.isInteger(cell) ? String(cell) : cell.toFixed(cell < 1 ? 3 : 1)));
  console.log(`${what.padEnd(34)}${shown.map((cell) => cell.padStart(10)).join("")}`);
}
