import { afterAll, beforeAll, expect, it } from "vitest";
import { changeSettings, planPruneNow, pruneNow } from "#lib/settings/mutations";
import { findHiddenRights, getKeep, getSetting, getSettings } from "#lib/settings/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { admin, person } from "#lib/testing/people";

const ENV = { PENSTOCK_RETENTION_DAYS: undefined, PENSTOCK_PAYLOAD_DAYS: undefined, PENSTOCK_AUDIT_DAYS: undefined };
let database: TestDatabase;
beforeAll(async () => {
  database = await cloneDatabase();
});
afterAll(() => database.drop());
const eve = () => ({ ...database.ctx, actor: admin("eve") });
const entries = () => database.db.auditEntry.findMany({ where: { action: "settings.change" }, orderBy: { id: "asc" }, select: { actor: true, object: true, before: true, after: true } });

it("begins with what is usual; a change is kept with who made it, and written down once with before and after", async () => {
  await expect(getKeep(database.ctx, ENV)).resolves.toEqual({ runDays: 90, payloadDays: 30, auditDays: 365 });
  const states = await changeSettings(eve(), { values: { runDays: 60, payloadDays: 30 }, versions: { runDays: 0 } }, ENV);
  expect(states.runDays).toEqual({ value: 60, version: 1, changedBy: "eve", changedAt: expect.any(Date), fixedBy: null });
  expect(states.payloadDays, "the same as before is no change").toMatchObject({ value: 30, version: 0 });
  await expect(entries()).resolves.toEqual([{ actor: "eve", object: "settings", before: { runDays: 90 }, after: { runDays: 60 } }]);
});

it("who saw an older version is refused, nothing of theirs is kept, and of two at once one is", async () => {
  const { auditDays, runDays } = await getSettings(database.ctx, ENV);
  await expect(changeSettings(eve(), { values: { auditDays: 10, runDays: 10 }, versions: { auditDays: auditDays.version, runDays: runDays.version - 1 } }, ENV)).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(getSettings(database.ctx, ENV)).resolves.toMatchObject({ auditDays: { value: 365 }, runDays: { value: 60 } });
  const both = await Promise.allSettled([100, 200].map((days) => changeSettings(eve(), { values: { auditDays: days }, versions: { auditDays: 0 } }, ENV)));
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
});

it("the environment wins, says so, and cannot be changed from here", async () => {
  const env = { ...ENV, PENSTOCK_RETENTION_DAYS: 7 };
  await expect(getSettings(database.ctx, env)).resolves.toMatchObject({ runDays: { value: 7, fixedBy: "PENSTOCK_RETENTION_DAYS" } });
  await expect(changeSettings(eve(), { values: { runDays: 8 } }, env)).rejects.toThrow("PENSTOCK_RETENTION_DAYS in the environment");
});

it.each([{ runDays: -1 }, { runDays: 1.5 }, { runDays: 1e9 }, { payloadDays: "soon" }, { viewersSeePayloads: "yes" }, { color: 1 }])("refuses %j", async (values) => {
  await expect(changeSettings(eve(), { values: values as never }, ENV)).rejects.toThrow();
});

it("only admins change settings", async () => {
  await expect(changeSettings({ ...database.ctx, actor: person("ann", "operator") }, { values: { runDays: 1 } }, ENV)).rejects.toMatchObject({ code: "FORBIDDEN" });
});

it("viewers lose payloads when an admin says so, at once where it was said; operators keep them", async () => {
  await expect(findHiddenRights(database.ctx, "viewer")).resolves.toEqual([]);
  await changeSettings(eve(), { values: { viewersSeePayloads: false } }, ENV);
  await expect(findHiddenRights(database.ctx, "viewer")).resolves.toEqual(["payloads.read"]);
  await expect(findHiddenRights(database.ctx, "operator")).resolves.toEqual([]);
});

it("a prune that somebody asks for goes by the settings, also for the audit log; only admins ask", async () => {
  const { db } = database;
  await db.$executeRaw`
    insert into runs (pipeline, stage, status, created_at, started_at, completed_at, duration_ms)
    select 'mail', 'content', 'completed', t, t, t, 5 from generate_series(1, 3) n cross join lateral (select now() - n * interval '30 days' as t) x`;
  await changeSettings(eve(), { values: { runDays: 45 } }, ENV);
  await expect(planPruneNow(eve())).resolves.toMatchObject({ delete: { runs: 2 }, strip: { runs: 1 } });
  await expect(pruneNow({ ...database.ctx, actor: person("ann", "operator") })).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(pruneNow(eve())).resolves.toMatchObject({ counts: { runs: 2 }, entries: 0, isAll: true });
});

it("is asked of the database once in a while only, however often it is needed", async () => {
  const { db } = database;
  await getSetting(database.ctx, "runDays");
  await db.$executeRaw`update settings set value = '61' where key = 'runDays'`;
  await expect(getSetting(database.ctx, "runDays")).resolves.toBe(45);
  await changeSettings(eve(), { values: { runDays: 62 } }, ENV);
  await expect(getSetting(database.ctx, "runDays")).resolves.toBe(62);
});
