import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listAnnotations } from "#lib/annotations/queries";
import { setAnnotation } from "#lib/annotations/mutations";
import { webDb } from "#lib/db/client";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { signedIn } from "#lib/testing/people";
import { GET } from "../../app/api/v1/runs/[id]/annotations/route.ts";
import { DELETE, PUT } from "../../app/api/v1/runs/[id]/annotations/[key]/route.ts";
import { GET as seedGet } from "../../app/api/pipeline_runs/[id]/annotations/route.ts";
import { PUT as seedPut } from "../../app/api/pipeline_runs/[id]/annotations/[key]/route.ts";

let test: TestDatabase;
let cookie: string;
beforeAll(async () => {
  test = await cloneDatabase();
  process.env.DATABASE_URL = test.url;
  ({ cookie } = await signedIn(test.db));
});
afterAll(async () => {
  await webDb().$disconnect();
  await test.drop();
});

const newRun = async (): Promise<number> => Number((await test.db.$queryRaw<{ id: bigint }[]>`insert into runs (pipeline, stage, created_by) values ('mail', 'content', 'ann') returning id`)[0]?.id);
const at = (id: number | string, key = "") => `http://localhost/api/v1/runs/${id}/annotations/${encodeURIComponent(key)}`;
const context = (id: number | string) => ({ params: Promise.resolve({ id: String(id) }) });
const put = (id: number | string, key: string, body: unknown) =>
  PUT(new Request(at(id, key), { method: "PUT", body: typeof body === "string" ? body : JSON.stringify(body), headers: { cookie, "content-type": "application/json" } }), context(id));
const remove = (id: number, key: string) => DELETE(new Request(at(id, key), { method: "DELETE", headers: { cookie } }), context(id));
const values = async (id: number) => (await listAnnotations(test.ctx, id)).map(({ key, value }) => [key, value]);
const events = (id: number) => test.db.$queryRaw<{ type: string; actor: string; data: Record<string, unknown> }[]>`select type, actor, data from run_events where run_id = ${id}::bigint order by id`;

describe("annotations", () => {
  it("set, change and remove, each one event; the same value again is none", async () => {
    const id = await newRun();
    expect((await put(id, "team", { value: "red" })).status).toBe(201);
    expect((await put(id, "team", { value: "blue" })).status).toBe(200);
    expect((await put(id, "team", { value: "blue" })).status).toBe(200);
    expect((await put(id, "a/b ü%", { value: "" })).status).toBe(201);
    expect((await (await GET(new Request(at(id), { headers: { cookie } }), context(id))).json()).data).toMatchObject([{ key: "a/b ü%", value: "" }, { key: "team", value: "blue" }]);
    expect((await remove(id, "team")).status).toBe(204);
    expect((await remove(id, "team")).status).toBe(404);
    expect(await values(id)).toEqual([["a/b ü%", ""]]);
    const found = await events(id);
    expect(found.map(({ type, actor, data }) => [type, actor, data.key, data.value])).toEqual([
      ["run.annotated", "admin", "team", "red"], ["run.annotated", "admin", "team", "blue"], ["run.annotated", "admin", "a/b ü%", ""], ["run.annotated", "admin", "team", null],
    ]);
  });

  it.each<[string, string, unknown, number]>([
    ["a reserved key", "system/pipeline_run.name", { value: "x" }, 422],
    ["an empty key", " ", { value: "x" }, 422],
    ["a long key", "k".repeat(256), { value: "x" }, 422],
    ["NUL in the key", "a\0", { value: "x" }, 422],
    ["a long value", "k", { value: "v".repeat(10_001) }, 422],
    ["NUL in the value", "k", { value: "\0" }, 422],
    ["half a character", "k", '{"value":"\\ud800"}', 422],
    ["a number", "k", { value: 1 }, 422],
    ["no value", "k", {}, 422],
    ["more than a value", "k", { value: "x", key: "y" }, 422],
    ["no object", "k", [1], 422],
    ["no JSON", "k", "{bad", 400],
  ])("refuses %s and changes nothing", async (_, key, body, status) => {
    const id = await newRun();
    const response = await put(id, key, body);
    const problem = await response.json();
    expect([response.status, response.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
    expect(problem.detail).toMatch(/\.$|JSON/);
    expect([await values(id), await events(id)]).toEqual([[], []]);
  });

  it("says what a reserved key is", async () => {
    expect((await (await put(await newRun(), "system/x", { value: "x" })).json()).detail).toContain("belong to Penstock");
  });

  it("takes the longest key and value, in characters", async () => {
    const id = await newRun();
    expect((await put(id, "🔑".repeat(255), { value: "🗝".repeat(10_000) })).status).toBe(201);
    expect((await put(id, "🔑".repeat(256), { value: "" })).status).toBe(422);
  });

  it("100 a run, also when many set at once", async () => {
    const id = await newRun();
    const results = await Promise.allSettled(Array.from({ length: 105 }, (_, n) => setAnnotation(test.ctx, { runId: id, key: `k${n}`, value: "x" })));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(100);
    for (const result of results) if (result.status === "rejected") expect(result.reason).toMatchObject({ name: "AppError", code: "MISMATCH" });
    expect(await values(id)).toHaveLength(100);
    expect(await setAnnotation(test.ctx, { runId: id, key: (await values(id))[0]?.[0] ?? "", value: "changed" })).toMatchObject({ created: false });
  });

  it("a run that is not there, or is no number, is 404", async () => {
    expect((await put(999_999_999, "k", { value: "x" })).status).toBe(404);
    expect((await put("x", "k", { value: "x" })).status).toBe(404);
    expect((await GET(new Request(at(999_999_999), { headers: { cookie } }), context(999_999_999))).status).toBe(404);
  });

  it("a key that is not encoded well is refused", async () => {
    const id = await newRun();
    const response = await PUT(new Request(`http://localhost/api/v1/runs/${id}/annotations/%ff`, { method: "PUT", body: '{"value":"x"}', headers: { cookie, "content-type": "application/json" } }), context(id));
    expect(response.status).toBe(422);
  });

  it("the seed's way: the value as a parameter, the system's own in the list", async () => {
    const id = await newRun();
    const url = `http://localhost/api/pipeline_runs/${id}/annotations/team?value=a%20b`;
    expect((await seedPut(new Request(url, { method: "PUT", headers: { cookie } }), context(id))).status).toBe(200);
    const list = await seedGet(new Request(url, { headers: { cookie } }), context(id));
    expect(await list.json()).toEqual({ "system/pipeline_run.created_by": "ann", "system/pipeline_run.name": "mail/content", team: "a b" });
  });
});
