import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { auditExportResponse } from "#lib/api/export";
import { audit } from "#lib/audit/mutations";
import { type AuditFilter, EVERY_ENTRY, parseAuditRequest, readAuditFilter, toSearchParams } from "#lib/audit/filter";
import { listAudit, listAuditWords, readAudit } from "#lib/audit/queries";
import { changesOf, instantOf } from "#lib/audit/rules";
import type { Ctx } from "#lib/ctx";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { admin, person } from "#lib/testing/people";

let database: TestDatabase;
let eve: Ctx;
beforeAll(async () => {
  database = await cloneDatabase();
  eve = { ...database.ctx, actor: { ...admin("eve"), userId: "u-1", from: { ip: "203.0.113.9", requestId: "req-12345678", userAgent: "Browser" } } };
  for (let n = 1; n <= 7; n += 1) await audit(eve, { action: n % 2 ? "run.cancel" : "run.retry", object: `run/${n}`, before: { status: "running", n }, after: { status: "cancelled", n } });
  await audit({ ...database.ctx, actor: admin("=cmd|' /C calc'!A0") }, { action: "schedule.add", object: "schedule/1_", after: { note: "50%", apiKey: "sk-secret" } });
  await audit({ ...database.ctx, actor: admin("bob") }, { action: "runner.x", object: "schedule/12" });
});
afterAll(() => database.drop());
const list = (filter: Partial<AuditFilter>) => listAudit(eve, { ...EVERY_ENTRY, ...filter }).then(({ rows }) => rows.map(({ object }) => object));

it("says who, from where, and what it was before and after; the newest first", async () => {
  const { rows } = await listAudit(eve, EVERY_ENTRY);
  expect(rows).toHaveLength(9);
  expect(rows.at(-1)).toMatchObject({ actorKind: "web", actor: "eve", userId: "u-1", ip: "203.0.113.9", requestId: "req-12345678", action: "run.cancel", object: "run/1", before: { status: "running", n: 1 } });
});

it("is narrowed by person, action, noun, object, time and text", async () => {
  expect(await list({ person: "bob" })).toEqual(["schedule/12"]);
  expect(await list({ person: "u-1", action: "run.retry" })).toEqual(["run/6", "run/4", "run/2"]);
  expect(await list({ action: "run" }), "a noun is none of a longer one").toHaveLength(7);
  expect(await list({ object: "schedule/" })).toHaveLength(2);
  expect(await list({ object: "schedule/1_" }), "_ is no wildcard").toEqual(["schedule/1_"]);
  expect(await list({ q: "50%" })).toEqual(["schedule/1_"]);
  expect(await list({ q: "203.0.113" })).toHaveLength(7);
  expect(await list({ from: "1h" })).toHaveLength(9);
  expect(await list({ to: "2020-01-01" })).toEqual([]);
});

it("pages by cursor in both directions, and refuses the cursor of another list", async () => {
  const seen: number[] = [];
  let cursor: string | null = null;
  let prev: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listAudit>> = await listAudit(eve, { ...EVERY_ENTRY, limit: 4, cursor });
    seen.push(...page.rows.map(({ id }) => id));
    [cursor, prev] = [page.nextCursor, page.prevCursor];
  } while (cursor);
  expect(seen).toEqual(seen.toSorted((a, b) => b - a));
  expect(new Set(seen).size).toBe(9);
  const back = await listAudit(eve, { ...EVERY_ENTRY, limit: 4, cursor: prev });
  expect(back.rows.map(({ id }) => id)).toEqual(seen.slice(4, 8));
  await expect(listAudit(eve, { ...EVERY_ENTRY, action: "run", cursor: prev })).rejects.toMatchObject({ code: "INVALID" });
});

it("secrets that a writer forgot are not shown, and words to choose from are those of the log", async () => {
  const { rows } = await listAudit(eve, { ...EVERY_ENTRY, action: "schedule" });
  expect(JSON.stringify(rows)).not.toContain("sk-secret");
  await expect(listAuditWords(eve)).resolves.toEqual({ people: expect.arrayContaining(["bob", "eve"]), actions: ["run.cancel", "run.retry", "runner.x", "schedule.add"] });
});

it("an export holds everything that matches; a spreadsheet runs none of it", async () => {
  const csv = await (await auditExportResponse(eve, new URLSearchParams("format=csv"), new AbortController().signal)).text();
  const lines = csv.trimEnd().split("\r\n");
  expect(lines).toHaveLength(10);
  expect(lines[0]).toBe("id,at,actorKind,actor,userId,keyId,ip,requestId,userAgent,action,object,before,after,link,hash");
  expect(csv).toContain(",'=cmd|' /C calc'!A0,");
  const ndjson = await (await auditExportResponse(eve, new URLSearchParams("format=ndjson&action=run.retry"), new AbortController().signal)).text();
  expect(ndjson.trimEnd().split("\n").map((line) => JSON.parse(line))).toMatchObject([{ object: "run/6", after: { n: 6 } }, { object: "run/4" }, { object: "run/2" }]);
  await expect(auditExportResponse(eve, new URLSearchParams("format=parquet"), new AbortController().signal)).rejects.toMatchObject({ code: "MISMATCH" });
});

it("nobody but who may reads it", async () => {
  const ann = { ...database.ctx, actor: person("ann", "operator") };
  await expect(listAudit(ann, EVERY_ENTRY)).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(listAuditWords(ann)).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(readAudit(ann, EVERY_ENTRY).next()).rejects.toMatchObject({ code: "FORBIDDEN" });
});

it("an address is read whatever it says, and printed back as it was", () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom("person", "action", "object", "from", "to", "q", "limit", "cursor", "x"), fc.string())), (pairs) => {
    const { filter } = readAuditFilter(new URLSearchParams(pairs));
    expect(readAuditFilter(toSearchParams(filter)).filter).toEqual(filter);
  }));
  expect(() => parseAuditRequest(new URLSearchParams("from=soon&colour=red"))).toThrow(/from is a day.*colour is no parameter/);
});

it("a day is a day in UTC, and its whole belongs to what ends with it", () => {
  const now = new Date("2026-03-10T12:00:00Z");
  expect(instantOf("2026-03-01", "from", now)?.toISOString()).toBe("2026-03-01T00:00:00.000Z");
  expect(instantOf("2026-03-01", "to", now)?.toISOString()).toBe("2026-03-02T00:00:00.000Z");
  expect(instantOf("2d", "from", now)?.toISOString()).toBe("2026-03-08T12:00:00.000Z");
  expect(instantOf("2026-02-31", "from", now)).toBeNull();
  expect(instantOf("2026-03-01T10:00:00", "from", now), "without a zone it is no instant").toBeNull();
});

it("a change is told value by value", () => {
  expect(changesOf({ a: 1, b: { c: "x" } }, { a: 2, b: { c: "x" }, d: null })).toEqual([{ path: "a", before: "1", after: "2" }, { path: "d", before: null, after: "null" }]);
  expect(changesOf(null, { a: "new" })).toEqual([{ path: "a", before: null, after: "new" }]);
});
