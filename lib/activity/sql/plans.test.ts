/** However many events there are, the feed reads a bounded piece of them, by an index. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { getActivityFeed, listActivity, listActivitySince } from "#lib/activity/queries";
import { parseFilter } from "#lib/filters/filter";
import { resolveMe } from "#lib/filters/rules";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { explaining, nodesOf } from "#lib/testing/plans";

const RUNS = 25_000;
const EVENTS = 100_000;
let database: TestDatabase;
beforeAll(async () => {
  database = await cloneDatabase();
  await database.db.$executeRaw`
    insert into runs (pipeline, stage, status, created_by, triggered_by, completed_at)
    select 'mail', 'stage-' || n % 7, (case when n = 5 then 'failed' else 'completed' end)::run_status, 'user ' || n % 20, (array['web', 'ingest'])[1 + n % 2]::run_trigger, now()
      from generate_series(1, ${RUNS}::int) n`;
  await database.db.$executeRaw`
    insert into run_events (run_id, type, data)
    select 1 + n * ${RUNS}::bigint / (${EVENTS}::bigint + 1), (array['run.pending', 'run.running', 'run.completed', 'run.annotated'])[1 + n % 4], '{"stage": "content"}' from generate_series(1, ${EVENTS}::int) n`;
  await database.db.$executeRaw`vacuum analyze runs`;
  await database.db.$executeRaw`vacuum analyze run_events`;
});
afterAll(() => database.drop());

const tree = (node: object) => resolveMe(parseFilter({ and: [node] }), "user 3");
const equals = (field: string, value: string) => tree({ value_equals: { key: `system/pipeline_run.${field}`, value } });

it.each([
  ["no filter", null],
  ["a stage", equals("stage", "stage-3")],
  ["one run of all", equals("status", "failed")],
  ["one's own", equals("created_by", "me")],
  ["nothing", equals("stage", "none")],
  ["an annotation", tree({ key_exists: { key: "team" } })],
  ["not", tree({ not: { value_equals: { key: "system/pipeline_run.stage", value: "stage-3" } } })],
] as const)("%s: by index, no more than 5,000 events, newest, deep and later ones", async (_, filter) => {
  const { ctx, plans } = explaining(database);
  const { newest } = await getActivityFeed(ctx, { tree: filter, limit: 50 });
  await listActivity(ctx, { tree: filter, before: EVENTS / 2, limit: 100 });
  await listActivitySince(ctx, { tree: filter, after: newest - 500, limit: 100 });
  expect(plans.length).toBeGreaterThanOrEqual(5);
  const nodes = plans.flatMap(nodesOf).filter((node) => node["Relation Name"] === "run_events" || node["Relation Name"] === "runs");
  expect(nodes.length).toBeGreaterThanOrEqual(plans.length);
  expect(nodes.map((node) => node["Node Type"])).not.toContain("Seq Scan");
  for (const node of nodes) expect((node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"], JSON.stringify(node)).toBeLessThanOrEqual(5_001);
});
