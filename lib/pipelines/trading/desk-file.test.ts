/** A desk from a file: made, put right, refused whole. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { person } from "#lib/testing/people";
import { loadDeskFile } from "./desk-file.ts";
import { listAccounts, listStrategies, PlainRequest } from "./lists.ts";

let database: TestDatabase;
beforeAll(async () => { database = await cloneDatabase(); });
afterAll(() => database.drop());

const load = (text: string) => loadDeskFile(database.ctx, text);
const refused = (text: string) => load(text).then(() => "was taken", (error: Error) => error.message);
const FILE = `
accounts:
  - { login: main, startBalance: 5000, allowedSymbols: [aapl] }
  - { login: second, name: Second, follows: main, autoTrade: false }
strategies:
  - { name: By day, executionMode: rule_then_llm, className: SmaCross, contextTfs: [H4, weekly], skipHours: [22, 23], skipHoursTimezone: Europe/Berlin, accounts: [main, second] }
`;

test("accounts and strategies are made, and again put right; what is not named stays", async () => {
  expect(await load(FILE)).toEqual({ accounts: 2, strategies: 1 });
  const [main, second] = await database.db.account.findMany({ orderBy: { id: "asc" } });
  expect(main).toMatchObject({ login: "main", name: "main", startBalance: 5_000, allowedSymbols: ["AAPL"], paperTradeEnabled: true, primaryAccountId: null });
  expect(second).toMatchObject({ login: "second", name: "Second", autoTradeEnabled: false, primaryAccountId: main?.id });
  expect(await database.db.strategy.findUnique({ where: { name: "By day" }, include: { accounts: true } })).toMatchObject({ strategyType: "code", contextTfs: ["H4", "W1"], skipHours: [22, 23], accounts: [{ accountId: main?.id }, { accountId: second?.id }] });
  expect((await listAccounts(database.ctx, PlainRequest.parse({}))).rows[0]).toMatchObject({ name: "Second", follows: "main" });
  expect((await listStrategies(database.ctx, PlainRequest.parse({}))).rows[0]).toMatchObject({ contextTfs: ["H4", "W1"], skipHours: [22, 23], skipHoursTimezone: "Europe/Berlin" });
  await load("accounts: [{ login: second, follows: null }]\nstrategies: [{ name: By day, skipHours: [], accounts: [main] }]");
  expect(await database.db.account.findUnique({ where: { login: "second" } })).toMatchObject({ name: "Second", primaryAccountId: null, autoTradeEnabled: false });
  expect(await database.db.strategy.findUnique({ where: { name: "By day" }, include: { accounts: true } })).toMatchObject({ className: "SmaCross", contextTfs: ["H4", "W1"], skipHours: [], accounts: [{ accountId: main?.id }] });
  const acts = await database.db.$queryRaw<{ action: string; actor: string }[]>`select action, actor from audit_entries order by id`;
  expect(acts).toEqual([{ action: "trading.desk-loaded", actor: database.ctx.actor.name }, { action: "trading.desk-loaded", actor: database.ctx.actor.name }]);
});

test("what is wrong is refused with its place, and nothing of the file stays", async () => {
  const before = await database.db.account.count();
  expect(await refused("accounts: [{ login: third }, { login: fourth, follows: nobody }]")).toBe('There is no account with the login "nobody". Name it under accounts.');
  expect(await refused("accounts: [{ login: third, follows: third }]")).toBe("Account third cannot follow itself.");
  expect(await refused("accounts: [{ login: a }, { login: b, follows: a }, { login: c, follows: b }]")).toMatch(/^Account c follows one that follows another/);
  expect(await refused("strategies: [{ name: X, skipHours: [24], skipHoursTimezone: Mars, primaryTf: M7, className: Magic }]")).toMatch(/strategies\.0\.className is one of SmaCross, Breakout[\s\S]*primaryTf is one of M1[\s\S]*skipHours\.0[\s\S]*skipHoursTimezone is a time zone/);
  expect(await refused("accounts: [{ login: x, password: secret }]")).toContain('Unrecognized key: "password"');
  expect(await refused("{ not: [yaml")).toMatch(/^The file is no YAML/);
  expect(await database.db.account.count()).toBe(before);
  await expect(loadDeskFile({ ...database.ctx, actor: person("vera", "viewer") }, FILE)).rejects.toMatchObject({ code: "FORBIDDEN" });
});
