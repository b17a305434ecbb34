import { afterAll, beforeAll, expect, it } from "vitest";
import { OPERATIONS } from "#lib/api/operations/all";
import { operationId } from "#lib/api/operations/operation";
import { webDb } from "#lib/db/client";
import { makeKey } from "#lib/keys/mutations";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { seedOracle } from "#lib/testing/filter-oracle";
import { callHandler } from "#lib/testing/handlers";
import { admin, signedIn } from "#lib/testing/people";
import { faultOfAnswer, hostileRequests, type Known } from "#lib/testing/hostile";

/** A hundred and some operations, so many requests each. */
const EACH = 14;
/** What loads a whole sample whatever it is asked is none of this. */
const asked = OPERATIONS.filter(({ path }) => !path.endsWith("/sample"));

let test: TestDatabase;
let known: Known;
let token: string;
beforeAll(async () => {
  test = await cloneDatabase();
  const runs = await seedOracle(test.db);
  known = { runs: runs.slice(0, 10).map(({ id }) => id), others: ["mail", "content", "team"] };
  process.env.DATABASE_URL = test.url;
  const { userId } = await signedIn(test.db, "admin", "Fuzzer");
  token = (await makeKey({ db: test.db, actor: { ...admin("Fuzzer"), userId } }, { name: "fuzz", role: "admin" })).token;
});
afterAll(async () => {
  await webDb().$disconnect();
  await test.drop();
});

/** Found by longer searches, and answered wrongly once. */
const FOUND: [method: string, path: string, query: string, body?: unknown][] = [
  ["get", "/api/v1/runs/{id}/steps", "cursor=2147483648"],
  ["get", "/api/v1/pipeline/runs", "status=__proto__"],
  ["post", "/api/v1/pipelines/{pipeline}/pause", "", { reason: "a\0b" }],
  ["post", "/api/v1/llm-prices", "", { model: "\0", inputUsd: 1, outputUsd: 2 }],
];

it.each(FOUND)("%s %s?%s is answered as declared", async (method, path, query, body) => {
  const operation = asked.find((one) => one.method === method && one.path === path);
  if (!operation) throw new Error(`There is no operation ${method} ${path}`);
  const params = { id: String(known.runs[0]), pipeline: "mail" };
  const at = path.replace(/\{(\w+)\}/g, (_, name: keyof typeof params) => params[name]);
  const request = { operation, method, path: `${at}?${query}`, headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { "content-type": "application/json" }) }, body: JSON.stringify(body), params };
  const response = await callHandler(operation, request.path, request);
  expect(faultOfAnswer(request, { status: response.status, type: response.headers.get("content-type") ?? "", text: await response.text() })).toBeNull();
});

it(`asks ${asked.length} operations ${EACH} hostile things each: no 5xx, no inside told, every refusal a problem that says where, every answer as declared`, { timeout: 240_000 }, async () => {
  const faults: string[] = [];
  let count = 0;
  for (const [index, operation] of asked.entries()) {
    for (const request of hostileRequests(operation, known, EACH, 20_261_121 + index)) {
      count += 1;
      const at = `${operationId(operation)} ${request.method} ${request.path.slice(0, 160)} ${JSON.stringify(request.headers).slice(0, 120)} ${request.body?.slice(0, 200) ?? ""}`;
      const response = await callHandler(operation, request.path, { headers: { authorization: `Bearer ${token}`, ...request.headers }, body: request.body, params: request.params }).catch((error: unknown) => new Response(String((error as Error).stack), { status: 599 }));
      // A stream that was opened is let go: it never ends by itself.
      const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
      if (isStream) await response.body?.cancel();
      const fault = faultOfAnswer(request, { status: response.status, type: response.headers.get("content-type") ?? "", text: isStream ? "" : await response.text() });
      if (fault) faults.push(`${at}\n   ${fault}`);
    }
  }
  expect(count).toBeGreaterThanOrEqual(1_000);
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  expect(faults.slice(0, 60), `${faults.length} of ${count}`).toEqual([]);
});
