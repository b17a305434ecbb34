/** News over REST: a file is sent as it is, and read back; each act wants its right. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { OPERATIONS } from "#lib/api/operations/all";
import { webDb } from "#lib/db/client";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { callHandler } from "#lib/testing/handlers";
import { signedIn } from "#lib/testing/people";

const FILE = "Date,Symbol,Title,Impact\n2024-03-01T08:30:00Z,EURUSD,Inflation,high\n2024-03-01T09:30:00Z,EURUSD,Rates,\nsome day,EURUSD,When?,low\n";
let database: TestDatabase;
const cookies: Record<string, string> = {};
beforeAll(async () => {
  database = await cloneDatabase();
  process.env.DATABASE_URL = database.url;
  for (const role of ["viewer", "operator"] as const) cookies[role] = (await signedIn(database.db, role, role)).cookie;
});
afterAll(async () => {
  await webDb().$disconnect();
  await database.drop();
});

async function ask(method: "get" | "post", path: string, role: string, body?: string) {
  const operation = OPERATIONS.find((one) => one.method === method && one.path === path.split("?", 1)[0]);
  if (!operation) throw new Error(`There is no ${method} ${path}.`);
  const response = await callHandler(operation, path, { body, headers: { cookie: cookies[role] ?? "", "content-type": "text/csv", "sec-fetch-site": "same-origin" } });
  const answer = await response.json();
  if (response.ok && typeof operation.answer !== "string") expect(operation.answer.safeParse(answer).error?.issues).toBeUndefined();
  return { status: response.status, answer };
}

test("an operator sends a file of headlines; a viewer may list them, and not send any", async () => {
  const path = "/api/v1/pipelines/trading/imports/news";
  expect(await ask("post", path, "viewer", FILE)).toMatchObject({ status: 403, answer: { code: "FORBIDDEN" } });
  expect(await ask("post", `${path}?name=C:\\temp\\march.csv`, "operator", FILE)).toMatchObject({ status: 201, answer: { data: { name: "march.csv", events: 2, known: 0, problems: 1, problemSamples: [{ line: 4 }] } } });
  expect(await ask("post", path, "operator", FILE)).toMatchObject({ status: 201, answer: { data: { name: "news.csv", events: 0, known: 2 } } });
  expect(await ask("post", path, "operator")).toMatchObject({ status: 400, answer: { detail: "The body is empty: send the CSV file itself." } });
  expect(await ask("post", `${path}?symbol=${"x".repeat(99)}`, "operator", FILE)).toMatchObject({ status: 400 });
  const { answer } = await ask("get", "/api/v1/trading/news?limit=1", "viewer");
  expect(answer).toMatchObject({ data: [{ symbol: "EURUSD", at: "2024-03-01T09:30:00.000Z", title: "Rates", impact: "medium" }], page: { nextCursor: expect.any(String) } });
  expect((await ask("get", `/api/v1/trading/news?before=${answer.page.nextCursor}`, "viewer")).answer).toMatchObject({ data: [{ title: "Inflation", impact: "high" }], page: { nextCursor: null } });
  expect(await database.db.auditEntry.count({ where: { action: "news.import" } })).toBe(2);
});
