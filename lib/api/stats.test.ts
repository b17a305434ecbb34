import { afterAll, beforeAll, expect, it } from "vitest";
import { webDb } from "#lib/db/client";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { seedOracle } from "#lib/testing/filter-oracle";
import { signedIn } from "#lib/testing/people";
import { GET, POST } from "../../app/api/v1/runs/stats/route.ts";

let test: TestDatabase;
let cookie: string;
beforeAll(async () => {
  test = await cloneDatabase();
  await seedOracle(test.db);
  process.env.DATABASE_URL = test.url;
  ({ cookie } = await signedIn(test.db));
});
afterAll(async () => {
  await webDb().$disconnect();
  await test.drop();
});

const none = { params: Promise.resolve({}) };
const get = (query: string, headers: Record<string, string> = {}) => GET(new Request(`http://localhost/api/v1/runs/stats?${query}`, { headers: { cookie, ...headers } }), none);
const post = (body: unknown) => POST(new Request("http://localhost/api/v1/runs/stats", { method: "POST", body: JSON.stringify(body), headers: { cookie, "content-type": "application/json" } }), none);
const tree = { and: [{ key_exists: { key: "team" } }] };

it("GET and POST say the same, and 304 to whoever has it", async () => {
  const query = `status=failed&status=completed&by=stage&filter=${encodeURIComponent(JSON.stringify(tree))}`;
  const first = await get(query);
  const body = await first.json();
  expect(body.data).toMatchObject({ by: "stage", asOf: expect.any(String), total: expect.any(Number) });
  expect(body.data.total).toBeGreaterThan(0);
  expect(await (await post({ status: ["failed", "completed"], by: "stage", filter: tree })).json()).toEqual(body);
  const etag = first.headers.get("etag") ?? "";
  const again = await get(query, { "If-None-Match": `"other", W/${etag}` });
  expect([again.status, await again.text()]).toEqual([304, ""]);
  expect((await get(query, { "If-None-Match": '"other"' })).status).toBe(200);
});

it.each([
  ["by=colour", 400, "by"], ["status=broken", 422, "status"], ["colour=red", 422, "colour"], ["q=%00", 422, "q"], ["filter={bad", 422, "filter"], ["filter=%7B%22and%22%3A%5B%5D%7D", 422, "filter.and"],
])("refuses %s with %i and its path", async (query, status, path) => {
  const response = await get(query);
  expect(response.status).toBe(status);
  expect((await response.json()).errors[0].path.startsWith(path)).toBe(true);
});

it("refuses a body that is no filter", async () => {
  for (const body of [{ filter: "text" }, { filter: { not: tree } }, [], "text", 1, { by: 1 }]) expect((await post(body)).status, JSON.stringify(body)).toBeOneOf([400, 422]);
});
