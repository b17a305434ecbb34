import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ALL_PERMISSIONS, type Permission, PERMISSIONS_OF, type Role, ROLES } from "#lib/access/rules";
import { OPERATIONS } from "#lib/api/operations/all";
import { type Operation, permissionsOf } from "#lib/api/operations/operation";
import { webDb } from "#lib/db/client";
import { makeKey, revokeKey } from "#lib/keys/mutations";
import { ROOT } from "#lib/root";
import { ACTION_RIGHTS, PAGE_RIGHTS } from "./access-matrix.ts";
import { cloneDatabase, type TestDatabase } from "./database.ts";
import { callHandler } from "./handlers.ts";
import { admin, signedIn } from "./people.ts";

const filesOf = (...patterns: string[]) => spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", ...patterns], { cwd: ROOT, encoding: "utf8" }).stdout.trim().split("\n").filter(Boolean);

it("states a right for every page, and for nothing that is none", () => {
  const pages = filesOf("app/**/page.tsx").map((file) => `/${file.replace(/^app\//, "").replace(/\(\w+\)\//g, "").replace(/\/?page\.tsx$/, "")}`);
  expect(Object.keys(PAGE_RIGHTS).toSorted()).toEqual(pages.toSorted());
});

it("states a right for every action, and for nothing that is none", () => {
  const texts = filesOf("app/**/*.ts", "app/**/*.tsx", "components/**/*.tsx", "lib/**/*.ts").map((file) => readFileSync(join(ROOT, file), "utf8")).filter((text) => /^"use server";/m.test(text));
  const actions = texts.flatMap((text) => [...text.matchAll(/^export (?:async function|const) (\w+)/gm)].map(([, name = ""]) => name));
  expect(actions.length).toBeGreaterThan(30);
  expect(Object.keys(ACTION_RIGHTS).toSorted()).toEqual(actions.toSorted());
});

it("lets no action do without its door", () => {
  const doors = filesOf("app/**/*.ts").map((file) => readFileSync(join(ROOT, file), "utf8")).filter((text) => /^"use server";/m.test(text));
  for (const text of doors) for (const [, name = "", made = ""] of text.matchAll(/^export const (\w+) = (\w+)/gm)) expect(ACTION_RIGHTS[name] === "public" ? ["openAction"] : ["action", "own"], name).toContain(made);
});

type Asker = { name: string; headers: Record<string, string>; may: ReadonlySet<Permission> | null };
let test: TestDatabase;
let askers: Asker[] = [];
const scoped = new Map<Permission, { only: Asker; without: Asker }>();

beforeAll(async () => {
  test = await cloneDatabase();
  process.env.DATABASE_URL = test.url;
  const boss = { db: test.db, actor: { ...admin("Boss"), userId: (await signedIn(test.db, "admin", "Boss")).userId } };
  const bearer = ({ token }: { token: string }) => ({ authorization: `Bearer ${token}` });
  const key = (name: string, role: Role, permissions: Permission[] | null = null) => makeKey(boss, { name, role, permissions });
  const people = await Promise.all(ROLES.map(async (role) => ({ role, ...(await signedIn(test.db, role, `A ${role}`)) })));
  const disabled = await signedIn(test.db, "admin", "Disabled");
  const disabledsKey = await makeKey({ db: test.db, actor: { ...admin("Disabled"), userId: disabled.userId } }, { name: "of somebody disabled", role: "admin" });
  await test.db.$executeRaw`update users set disabled_at = now() where id = ${disabled.userId}`;
  const left = await signedIn(test.db, "admin", "Left");
  await test.db.$executeRaw`delete from sessions where user_id = ${left.userId}`;
  const idle = await signedIn(test.db, "admin", "Idle");
  await test.db.$executeRaw`update sessions set updated_at = now() - interval '9 hours' where user_id = ${idle.userId}`;
  const expired = await key("expired", "admin");
  await test.db.$executeRaw`update api_keys set created_at = now() - interval '2 days', expires_at = now() - interval '1 day' where id = ${expired.id}`;
  const revoked = await key("revoked", "admin");
  await revokeKey(boss, { id: revoked.id });
  const lowered = await signedIn(test.db, "admin", "Lowered");
  const loweredsKey = await makeKey({ db: test.db, actor: { ...admin("Lowered"), userId: lowered.userId } }, { name: "of somebody lowered", role: "admin" });
  await test.db.$executeRaw`update users set role = 'viewer' where id = ${lowered.userId}`;
  const viewer = new Set(PERMISSIONS_OF.viewer);
  askers = [
    { name: "anonymous", headers: {}, may: null },
    { name: "a made-up key", headers: { authorization: "Bearer pk_aaaaaaaaaaaa_0000000000000000000000000000000000000000000" }, may: null },
    { name: "another scheme", headers: { authorization: "Basic YWRtaW46YWRtaW4=" }, may: null },
    { name: "a made-up cookie", headers: { cookie: "penstock=admin.0000" }, may: null },
    { name: "a bad key beside a good session", headers: { cookie: people.at(-1)?.cookie ?? "", authorization: "Bearer nothing" }, may: null },
    { name: "a disabled person", headers: { cookie: disabled.cookie }, may: null },
    { name: "a disabled person's key", headers: bearer(disabledsKey), may: null },
    { name: "a session that was ended", headers: { cookie: left.cookie }, may: null },
    { name: "a session that was left alone", headers: { cookie: idle.cookie }, may: null },
    { name: "an expired key", headers: bearer(expired), may: null },
    { name: "a revoked key", headers: bearer(revoked), may: null },
    { name: "somebody lowered to viewer", headers: { cookie: lowered.cookie }, may: viewer },
    { name: "their key of an admin", headers: bearer(loweredsKey), may: viewer },
    ...people.map(({ role, cookie }) => ({ name: `${role}, signed in`, headers: { cookie }, may: new Set(PERMISSIONS_OF[role]) })),
    ...(await Promise.all(ROLES.map(async (role) => ({ name: `key of a ${role}`, headers: bearer(await key(role, role)), may: new Set(PERMISSIONS_OF[role]) })))),
  ];
  for (const permission of new Set(OPERATIONS.flatMap(permissionsOf))) {
    // Whoever may do something to runs may see them.
    const isOfRuns = (one: Permission) => one.startsWith("runs.");
    const rest = ALL_PERMISSIONS.filter((one) => one !== permission && !(permission === "runs.read" && isOfRuns(one)));
    scoped.set(permission, {
      only: { name: `key of ${permission} alone`, headers: bearer(await key("only", "admin", [permission])), may: new Set<Permission>(isOfRuns(permission) ? [permission, "runs.read"] : [permission]) },
      without: { name: `key of all but ${permission}`, headers: bearer(await key("without", "admin", rest)), may: new Set(rest) },
    });
  }
});
afterAll(async () => {
  await webDb().$disconnect();
  await test.drop();
});

/** Things that are not there: whoever may is told so, and nothing changes. */
const FILL: Record<string, string> = { id: "999999", seq: "1", side: "input", key: "team", pipeline: "nowhere", stage: "nothing", job_id: "8c1f6e0a-4a53-4c1e-9a6f-2f6f5a0f6a10", jobId: "8c1f6e0a-4a53-4c1e-9a6f-2f6f5a0f6a10" };

async function ask(operation: Operation, asker: Asker): Promise<{ status: number; text: string }> {
  const params = Object.fromEntries(Object.keys(operation.params?.shape ?? {}).map((name) => [name, operation.path.includes("/keys/") ? "aaaaaaaaaaaa" : (FILL[name] ?? "1")]));
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? "");
  const query = operation.path.endsWith("/facets") ? "?field=status" : operation.path.endsWith("/export") ? "?format=csv" : operation.path.endsWith("/compare") ? "?with=999998" : "";
  const { body } = operation;
  const sent = body === undefined ? {} : "media" in body ? { body: "x" } : { body: JSON.stringify(body.example) };
  const response = await callHandler(operation, path + query, { params, headers: { ...asker.headers, ...(body && { "content-type": "media" in body ? body.media : "application/json" }) }, ...sent });
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  if (isStream) await response.body?.cancel();
  return { status: response.status, text: isStream ? "" : await response.text() };
}

describe.each(OPERATIONS.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))("%s", (_, operation) => {
  const needed = permissionsOf(operation);
  const isEnough = (may: ReadonlySet<Permission> | null) => may !== null && (needed.every((permission) => may.has(permission)) || (operation.or !== undefined && may.has(operation.or)));
  // What would load a whole sample is only refused here.
  const isHeavy = operation.path.endsWith("/sample");

  it("answers as the table has it, whoever asks", async () => {
    const all = [...askers, ...[...scoped.values()].flatMap(({ only, without }) => [only, without])].filter(({ name }) => needed.some((one) => name.endsWith(` ${one} alone`) || name.endsWith(` ${one}`)) || !/^key of (all but )?\w+\.\w+/.test(name));
    const wrong: string[] = [];
    for (const asker of all) {
      const may = isEnough(asker.may);
      if (may && isHeavy) continue;
      const { status, text } = await ask(operation, asker);
      const want = operation.permission === null || may ? "in" : asker.may === null ? 401 : 403;
      const got = status === 401 || status === 403 ? status : "in";
      if (got !== want) wrong.push(`${asker.name}: ${status} instead of ${want}: ${text.slice(0, 160)}`);
      else if (got !== "in" && (/"data"/.test(text) || !JSON.parse(text).detail)) wrong.push(`${asker.name}: ${status} with more than a problem: ${text.slice(0, 160)}`);
    }
    expect(wrong).toEqual([]);
  });
});
