import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { webDb } from "#lib/db/client";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { evaluate, filterTrees, type OracleRun, seedOracle } from "#lib/testing/filter-oracle";
import { signedIn } from "#lib/testing/people";
import { GET as getOne } from "../../app/api/pipeline_runs/[id]/route.ts";
import { GET as list } from "../../app/api/pipeline_runs/route.ts";
import { GET as stats } from "../../app/api/pipeline_runs/stats/route.ts";

let test: TestDatabase;
let cookie: string;
/** Sessions of those whose runs the oracle has. */
const cookies: Record<string, string> = {};
let runs: OracleRun[];
beforeAll(async () => {
  test = await cloneDatabase();
  runs = await seedOracle(test.db);
  await test.db.$executeRaw`insert into run_units (run_id, seq, name, status) values (${runs[2]?.id}, 1, 'a', 'completed'), (${runs[2]?.id}, 2, 'b', 'completed'), (${runs[2]?.id}, 3, 'c', 'pending')`;
  process.env.DATABASE_URL = test.url;
  ({ cookie } = await signedIn(test.db));
  for (const name of ["ann", "bob"]) cookies[name] = (await signedIn(test.db, "viewer", name)).cookie;
});
afterAll(async () => {
  await webDb().$disconnect();
  await test.drop();
});

type Query = Record<string, string | string[]>;
/** `as`: who asks. */
const ask = async (handler: typeof list, query: Query = {}) => {
  const params = new URLSearchParams(Object.entries(query).filter(([key]) => key !== "as").flatMap(([key, value]) => [value].flat().map((one) => [key, one])));
  const response = await handler(new Request(`http://localhost/api/pipeline_runs?${params}`, { headers: { cookie: cookies[String(query.as)] ?? cookie } }), { params: Promise.resolve({}) });
  return { status: response.status, type: response.headers.get("content-type"), body: await response.json() };
};
const filter = (...nodes: unknown[]) => JSON.stringify({ and: nodes });
const me = { value_equals: { key: "system/pipeline_run.created_by", value: "me" } };
const march = { time_range: { key: "system/pipeline_run.date.created_at", start_time: "2026-03-01T05:00:00Z", end_time: "2026-03-31T23:59:59Z" } };
const named = { value_contains: { key: "system/pipeline_run.name", value_substring: "training" } };
const annotated = { key_exists: { key: "team" } };

describe("GET /api/pipeline_runs/stats", () => {
  it.each([[[]], [[me]], [[me, march]], [[named]], [[annotated]], [[named, march, annotated]]])("counts what matches %j by status, and the counts are the total", async (nodes) => {
    const { status, body } = await ask(stats, { as: "ann", ...(nodes.length > 0 && { filter_query: filter(...nodes) }) });
    const matching = runs.filter((run) => nodes.every((node) => evaluate(node, run, "ann")));
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(["total_runs", "counts_by_status", "cached_at"]);
    expect(body.total_runs).toBe(matching.length);
    expect(Object.values<number>(body.counts_by_status).reduce((sum, count) => sum + count, 0)).toBe(body.total_runs);
    expect(body.counts_by_status.SUCCEEDED ?? 0).toBe(matching.filter((run) => run.status === "completed").length);
    expect(new Date(body.cached_at).toISOString()).toBe(body.cached_at);
  });

  it("knows every status in the seed's style", async () => {
    expect(Object.keys((await ask(stats)).body.counts_by_status).toSorted()).toEqual(["CANCELLED", "FAILED", "HOLD", "PARTIAL", "PENDING", "RUNNING", "SKIPPED", "SUCCEEDED"]);
  });

  it("gives the same answer for the window, another one to another user's me, and none of it to the list", async () => {
    const query = { filter_query: filter(me, annotated) };
    const [ann, bob] = [await ask(stats, { ...query, as: "ann" }), await ask(stats, { ...query, as: "bob" })];
    await test.db.$executeRaw`insert into runs (pipeline, stage, created_by) values ('mail', 'late', 'ann'), ('mail', 'late', 'bob')`;
    await test.db.$executeRaw`insert into run_annotations (run_id, key, value, updated_at) select id, 'team', 'x', now() from runs where stage = 'late'`;
    expect((await ask(stats, { ...query, as: "ann" })).body).toEqual(ann.body);
    expect((await ask(list, { ...query, as: "ann" })).body.total).toBe(ann.body.total_runs + 1);
    expect(bob.body.total_runs).toBe(runs.filter((run) => run.createdBy === "bob" && run.annotations.has("team")).length);
    await test.db.$executeRaw`delete from runs where stage = 'late'`;
  });

  it("nobody's me matches no run, least of all one without a creator", async () => {
    expect((await ask(stats, { filter_query: filter(me, march) })).body.total_runs).toBe(0);
  });

  it.each([
    ["filter_query", "{bad"], ["filter_query", "[]"], ["filter_query", '{"and":[]}'], ["filter_query", JSON.stringify(me)], ["filter_query", filter({ value_contains: { key: "system/pipeline_run.created_by", value_substring: "a" } })],
    ["filter_query", filter({ value_equals: { key: "a", value: "\0" } })], ["filter_query", `"${"x".repeat(1_000_000)}"`], ["current_user", "a\0"], ["filter", "created_by:"], ["filter", "free text"],
  ])("answers %s=%.40s with 422 and its path", async (name, value) => {
    const { status, type, body } = await ask(stats, { [name]: value });
    expect({ status, type }).toEqual({ status: 422, type: "application/problem+json" });
    expect(body.errors[0].path.startsWith(name)).toBe(true);
  });
});

describe("GET /api/pipeline_runs/", () => {
  it.each(["-created_at", "created_at", "started_at", "-started_at", "status", "-items"])("pages by token alone through every match once, ordered by %s", async (sort) => {
    const query: Query = { filter_query: filter({ not: me }), as: "ann", sort, status: ["SUCCEEDED", "failed", "PENDING"], page_size: "7" };
    const expected = runs.filter((run) => run.createdBy !== "ann" && ["completed", "failed", "pending"].includes(run.status)).map(({ id }) => String(id));
    const seen: string[] = [];
    for (let page: Query | null = query; page; ) {
      const { status, body } = await ask(list, page);
      expect({ status, total: body.total }).toEqual({ status: 200, total: expected.length });
      seen.push(...body.pipeline_runs.map(({ id }: { id: string }) => id));
      page = body.next_page_token ? { page_token: body.next_page_token, page_size: "7", as: "ann" } : null;
    }
    expect(seen.toSorted()).toEqual(expected.toSorted());
    expect(new Set(seen).size).toBe(seen.length);
  });

  it("ten runs, newest first, and what was not asked for or is not there is left out", async () => {
    const { body } = await ask(list);
    expect(body.pipeline_runs).toHaveLength(10);
    const times = body.pipeline_runs.map((run: { created_at: string }) => run.created_at);
    expect(times).toEqual(times.toSorted().toReversed());
    for (const run of body.pipeline_runs) for (const [key, value] of Object.entries(run)) expect([key, value]).not.toEqual([key, null]);
    expect(body.pipeline_runs[0]).not.toHaveProperty("pipeline_name");
    expect(body.pipeline_runs[0]).not.toHaveProperty("execution_summary");
  });

  it("names and executions when they are asked for", async () => {
    const id = String(runs[2]?.id);
    const { body } = await ask(list, { include_pipeline_names: "true", include_execution_stats: "true", page_size: "200", include_total: "false" });
    const run = body.pipeline_runs.find((one: { id: string }) => one.id === id);
    expect(body).not.toHaveProperty("total");
    expect(run).toMatchObject({ pipeline_name: `${runs[2]?.pipeline}/${runs[2]?.stage}`, root_execution_id: id, execution_status_stats: { SUCCEEDED: 2, PENDING: 1 }, execution_summary: { total_executions: 3, ended_executions: 2, has_ended: true } });
    const one = await getOne(new Request(`http://localhost/api/pipeline_runs/${id}?include_execution_stats=true`, { headers: { cookie } }), { params: Promise.resolve({ id }) });
    expect(await one.json()).toEqual(run);
  });

  it.each<[string, Query]>([
    ["page_token", { page_token: "broken" }], ["page_token", { page_token: Buffer.from("[1,null,null,\"-created_at\",[],\"x\",1]").toString("base64url") }], ["page_token", { page_token: "x".repeat(1_000_000) }],
    ["page_size", { page_size: "0" }], ["page_size", { page_size: "1e9" }], ["page_size", { page_size: "ten" }], ["sort", { sort: "error" }], ["sort", { sort: "constructor" }], ["sort", { sort: "-toString" }], ["status", { status: "BROKEN" }],
    ["include_pipeline_names", { include_pipeline_names: "maybe" }], ["filter", { filter: "created_by:ann", filter_query: filter(annotated) }],
  ])("answers a wrong %s with 422", async (path, query) => {
    const { status, body } = await ask(list, query);
    expect({ status, path: body.errors?.[0].path }).toEqual({ status: 422, path });
  });

  it("a signed-in person is not who they say they are", async () => {
    const asked = await ask(list, { filter: "created_by:me", as: "ann", current_user: "bob" });
    expect(asked.body.total).toBe(runs.filter((run) => run.createdBy === "ann").length);
  });

  it("understands the older filter", async () => {
    expect((await ask(list, { filter: "created_by:me", as: "bob" })).body.total).toBe(runs.filter((run) => run.createdBy === "bob").length);
  });
});

/** The tree with something else in one of its places. */
const spoil = (tree: unknown, place: number, junk: unknown): unknown => {
  let n = 0;
  const visit = (value: unknown): unknown => {
    if (n++ === place) return junk;
    if (Array.isArray(value)) return value.map(visit);
    return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, visit(member)])) : value;
  };
  return visit(tree);
};

it("2,500 spoilt filters: counted, or refused with a path, never anything else", async () => {
  const seen = { refused: 0, counted: 0 };
  const junk = fc.oneof(fc.anything(), fc.string({ unit: "binary" }), fc.constantFrom("", "\0", "\ud800", "%", "\\", "system/pipeline_run.status", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", 1e308, -1e15, [], {}, null, "x".repeat(2_000)));
  await fc.assert(
    fc.asyncProperty(filterTrees, fc.nat(12), junk, async (tree, place, value) => {
      let text: string | undefined;
      try {
        text = JSON.stringify(spoil(tree, place, value));
      } catch {
        return; // cyclic, or a bigint: no JSON can say it
      }
      const { status, body } = await ask(stats, { filter_query: text ?? "undefined" });
      if (status === 200) seen.counted += 1;
      else {
        expect({ status, path: body.errors?.[0].path }, text).toEqual({ status: 422, path: expect.stringMatching(/^filter_query/) });
        seen.refused += 1;
      }
    }),
    { numRuns: 2_500 },
  );
  expect(Math.min(seen.refused, seen.counted)).toBeGreaterThan(250);
}, 120_000);
