import { startEmbedded } from "#lib/db/embedded";
import { migrate } from "#lib/db/migrate";
import { openDb } from "#lib/db/client";
import pg from "pg";
import { listActivity, getActivityFeed, listActivitySince } from "#lib/activity/queries";
import { parseFilter } from "#lib/filters/filter";
import { resolveMe } from "#lib/filters/rules";
const N = Number(process.argv[2] ?? 5_000_000);
const server = await startEmbedded("/tmp/wt/live-bigact");
await migrate(server.url);
const pool = new pg.Pool({ connectionString: server.url, max: 2 });
const have = Number((await pool.query("select count(*) c from run_events")).rows[0].c);
if (have === 0) {
  await pool.query(`insert into runs (pipeline, stage, status, created_by, triggered_by, started_at, completed_at, items_processed) select 'mail', 'stage-' || n % 7, 'completed', 'user ' || n % 20, (array['web','cli','ingest'])[1+n%3]::run_trigger, now(), now(), n % 100 from generate_series(1, ${N / 4}) n`);
  await pool.query("update runs set status = 'failed' where id = 5");
  console.log("runs");
  for (let k = 0; k < 4; k++) await pool.query(`insert into run_events (run_id, type, data, actor) select n, (array['run.pending','run.running','run.completed','run.annotated'])[1 + ${k}], jsonb_build_object('pipeline','mail','stage','stage-'||n%7,'status','completed','durationMs', 100), 'x' from generate_series(1, ${N / 4}) n`).then(() => console.log(k));
  await pool.query("vacuum analyze runs"); await pool.query("vacuum analyze run_events");
}
const db = openDb(server.url, 2);
const ctx = { db, actor: { kind: "cli" as const, name: "user 3" } };
const P = "system/pipeline_run.";
const trees: [string, object | null][] = [["none", null], ["stage", { and: [{ value_equals: { key: P + "stage", value: "stage-3" } }] }], ["failed (1 run)", { and: [{ value_equals: { key: P + "status", value: "failed" } }] }], ["me", { and: [{ value_equals: { key: P + "created_by", value: "me" } }] }], ["name contains", { and: [{ value_contains: { key: P + "name", value_substring: "age-4" } }] }], ["nothing", { and: [{ value_equals: { key: P + "stage", value: "no" } }] }], ["annot", { and: [{ key_exists: { key: "team" } }, {value_contains:{key:P+"error",value_substring:"timeout"}}] }], ["llm", { and: [{ value_equals: { key: P + "has_llm_calls", value: "true" } }] }]];
for (const [name, t] of trees) {
  const tree = t && resolveMe(parseFilter(t), "user 3");
  for (const before of [null, Math.floor(N / 2)]) {
    const times: number[] = []; let rows = 0;
    for (let i = 0; i < 15; i++) { const s = performance.now(); rows = (await listActivity(ctx, { tree, before, limit: 50 })).rows.length; times.push(performance.now() - s); }
    times.sort((a, b) => a - b);
    console.log(name.padEnd(16), String(before).padEnd(9), "p50", times[7]!.toFixed(1), "max", times[14]!.toFixed(1), "rows", rows);
  }
}
let s = performance.now(); const feed = await getActivityFeed(ctx, { tree: null, limit: 50 }); console.log("feed", (performance.now() - s).toFixed(1));
s = performance.now(); await listActivitySince(ctx, { tree: null, after: feed.newest - 500, limit: 100 }); console.log("since", (performance.now() - s).toFixed(1));
await db.$disconnect(); await pool.end(); await server.stop();
