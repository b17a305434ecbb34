import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PERMISSIONS_OF, type Role } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { MAX_LIVE_KEYS } from "#lib/keys/fields";
import { makeKey, revokeKey } from "#lib/keys/mutations";
import { listKeys, resolveKey } from "#lib/keys/queries";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { person } from "#lib/testing/people";

let test: TestDatabase;
beforeAll(async () => {
  test = await cloneDatabase();
});
afterAll(() => test.drop());

/** A person of the table of people. */
async function join(name: string, role: Role): Promise<Ctx & { userId: string }> {
  const { id } = await test.db.user.create({ data: { name, email: `${name}@example.org`, role }, select: { id: true } });
  return { db: test.db, actor: { ...person(name, role), userId: id }, userId: id };
}
/** Whoever holds the token. */
async function holder(token: string): Promise<Ctx> {
  const actor = await resolveKey(test.db, token);
  if (!actor) throw new Error("the token opens nothing");
  return { db: test.db, actor };
}
const may = async (token: string) => [...((await resolveKey(test.db, token))?.may ?? [])].toSorted();

describe("a key", () => {
  it("is told once, kept as a hash, and signs in as itself with its role", async () => {
    const ann = await join("ann", "operator");
    const { id, token, expiresAt } = await makeKey(ann, { name: " ci ", role: "viewer" });
    expect(token).toMatch(/^pk_[a-z0-9]{12}_[\w-]{43}$/);
    expect(token.split("_")[1]).toBe(id);
    expect(Math.round((expiresAt.getTime() - Date.now()) / 86_400_000)).toBe(90);
    const [, , secret = ""] = /^pk_(\w+?)_(.+)$/.exec(token) ?? [];
    const [{ row = "", text = "" } = {}] = await test.db.$queryRaw<{ row?: string; text?: string }[]>`
      select k::text "row", (select string_agg(e::text, ' ') from audit_entries e where e.object = ${`key/${id}`}) "text" from api_keys k where id = ${id}`;
    expect(row).toContain("ci");
    for (const kept of [row, text, JSON.stringify(await listKeys(ann))]) expect(kept).not.toContain(secret);
    expect(await resolveKey(test.db, token)).toEqual({ kind: "api", name: "ci", keyId: id, userId: ann.userId, may: new Set(PERMISSIONS_OF.viewer) });
  });

  it.each(["", "pk_", "Bearer x", "pk_aaaaaaaaaaaa_short", `pk_aaaaaaaaaaaa_${"a".repeat(43)}`, `pk_${"a".repeat(1_000_000)}`, `pk_aaaaaaaaaaa%_${"a".repeat(43)}`, "pk_\0"])("of nobody opens nothing: %.40j", async (token) => {
    expect(await resolveKey(test.db, token)).toBeNull();
  });

  it("opens nothing with a secret that is not its own, not by one letter", async () => {
    const { token } = await makeKey(test.ctx, { name: "one", role: "viewer" });
    const other = await makeKey(test.ctx, { name: "other", role: "admin" });
    const last = token.at(-1) === "A" ? "B" : "A";
    expect(await resolveKey(test.db, token.slice(0, -1) + last)).toBeNull();
    expect(await resolveKey(test.db, `${other.token.slice(0, 16)}${token.slice(16)}`)).toBeNull();
    expect(await resolveKey(test.db, `${token}\n`)).toBeNull();
    expect(await resolveKey(test.db, token)).not.toBeNull();
  });

  it("opens nothing once it has expired or was revoked; revoked twice is no fault", async () => {
    const ann = await join("ann-ends", "viewer");
    const short = await makeKey(ann, { name: "short", role: "viewer", expiresInDays: 1 });
    await test.db.$executeRaw`update api_keys set expires_at = clock_timestamp() - interval '1 millisecond' where id = ${short.id}`;
    expect(await resolveKey(test.db, short.token)).toBeNull();
    const gone = await makeKey(ann, { name: "gone", role: "viewer" });
    expect(await revokeKey(ann, { id: gone.id })).toEqual({ ok: true });
    expect(await revokeKey(ann, { id: gone.id })).toEqual({ ok: false });
    expect(await resolveKey(test.db, gone.token)).toBeNull();
    expect(await listKeys(ann)).toEqual([]);
    expect((await listKeys(ann, { ended: true })).map(({ name, state }) => [name, state])).toEqual([["gone", "revoked"], ["short", "expired"]]);
    expect((await test.db.auditEntry.findMany({ where: { object: `key/${gone.id}` }, orderBy: { id: "asc" } })).map(({ action, actor, userId }) => [action, actor, userId])).toEqual([
      ["key.make", "ann-ends", ann.userId], ["key.revoke", "ann-ends", ann.userId],
    ]);
  });

  it("may no more than its owner may now, and nothing once they are disabled", async () => {
    const bob = await join("bob", "operator");
    const { token } = await makeKey(bob, { name: "deploy", role: "operator", permissions: ["runs.read", "runs.trigger", "runs.trigger"] });
    expect(await may(token)).toEqual(["runs.read", "runs.trigger"]);
    await test.db.user.update({ where: { id: bob.userId }, data: { role: "viewer" } });
    expect(await may(token)).toEqual(["runs.read"]);
    await test.db.user.update({ where: { id: bob.userId }, data: { role: "nonsense" } });
    expect(await may(token)).toEqual([]);
    await test.db.user.update({ where: { id: bob.userId }, data: { role: "admin" } });
    expect(await may(token)).toEqual(["runs.read", "runs.trigger"]);
    const { token: starter } = await makeKey(bob, { name: "starter", role: "operator", permissions: ["runs.trigger", "stages.control"] });
    expect(await may(starter), "what it did to runs it may see").toEqual(["runs.read", "runs.trigger", "stages.control"]);
    const { token: pauser } = await makeKey(bob, { name: "pauser", role: "operator", permissions: ["stages.control"] });
    expect(await may(pauser)).toEqual(["stages.control"]);
    await test.db.user.update({ where: { id: bob.userId }, data: { disabledAt: new Date() } });
    expect(await resolveKey(test.db, token)).toBeNull();
  });

  it("is noted as used, once a minute", async () => {
    const { id, token } = await makeKey(test.ctx, { name: "used", role: "viewer" });
    const used = async () => (await listKeys(test.ctx)).find((key) => key.id === id)?.lastUsedAt ?? null;
    expect(await used()).toBeNull();
    await resolveKey(test.db, token);
    const first = await used();
    expect(first).not.toBeNull();
    await resolveKey(test.db, token);
    expect(await used()).toEqual(first);
    await test.db.$executeRaw`update api_keys set last_used_at = clock_timestamp() - interval '61 seconds' where id = ${id}`;
    await resolveKey(test.db, token);
    expect((await used())?.getTime()).toBeGreaterThanOrEqual(first?.getTime() ?? 0);
  });
});

describe("who makes and revokes them", () => {
  it("nobody makes one that may more than they", async () => {
    const viewer = await join("vic", "viewer");
    await expect((async () => makeKey(viewer, { name: "x", role: "operator" }))()).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect((async () => makeKey(viewer, { name: "x", role: "admin", permissions: ["runs.read"] }))()).resolves.toMatchObject({ name: "x" });
    await expect((async () => makeKey(viewer, { name: "x", role: "viewer", permissions: ["runs.trigger"] }))()).rejects.toMatchObject({ code: "MISMATCH" });
    const reader = await makeKey(viewer, { name: "reader", role: "viewer", permissions: ["runs.read"] });
    await expect((async () => makeKey(await holder(reader.token), { name: "x", role: "viewer" }))()).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect((async () => listKeys(await holder(reader.token)))()).rejects.toMatchObject({ code: "FORBIDDEN" });
    const maker = await makeKey(viewer, { name: "maker", role: "viewer", permissions: ["runs.read", "keys.make"] });
    await expect((async () => makeKey(await holder(maker.token), { name: "x", role: "viewer" }))()).rejects.toMatchObject({ code: "FORBIDDEN" });
  });

  it("a key that was made with a key ends with it", async () => {
    const ann = await join("ann-chain", "operator");
    const first = await makeKey(ann, { name: "first", role: "operator", expiresInDays: 2 });
    const second = await makeKey(await holder(first.token), { name: "second", role: "viewer", expiresInDays: 300 });
    const third = await makeKey(await holder(second.token), { name: "third", role: "viewer" });
    expect(second.expiresAt).toEqual(first.expiresAt);
    const stale = await holder(second.token);
    expect(await revokeKey(ann, { id: first.id })).toEqual({ ok: true });
    expect(await Promise.all([first, second, third].map(({ token }) => resolveKey(test.db, token)))).toEqual([null, null, null]);
    await expect(makeKey(stale, { name: "late", role: "viewer" })).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  it("each sees and revokes their own, whoever manages keys everybody's", async () => {
    const [cat, dan, eve] = [await join("cat", "viewer"), await join("dan", "operator"), await join("eve", "admin")];
    const { id, token } = await makeKey(cat, { name: "of cat", role: "viewer" });
    expect(await listKeys(dan)).toEqual([]);
    await expect(revokeKey(dan, { id })).rejects.toMatchObject({ code: "NOT_FOUND" });
    const robot = await holder((await makeKey(test.ctx, { name: "robot", role: "operator" })).token);
    expect((await listKeys(robot)).map(({ name }) => name)).toEqual(["robot"]);
    await expect(revokeKey(robot, { id })).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await resolveKey(test.db, token)).not.toBeNull();
    expect((await listKeys(eve)).find((key) => key.id === id)).toMatchObject({ owner: "cat", ownerEmail: "cat@example.org", isMine: false, state: "live" });
    expect(await revokeKey(eve, { id })).toEqual({ ok: true });
    expect(await resolveKey(test.db, token)).toBeNull();
    await expect(revokeKey(eve, { id: "zzzzzzzzzzzz" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it(`nobody has more than ${MAX_LIVE_KEYS} live ones, also when asked for at once`, async () => {
    const fay = await join("fay", "viewer");
    const made = await Promise.allSettled(Array.from({ length: MAX_LIVE_KEYS + 5 }, (_, n) => makeKey(fay, { name: `k${n}`, role: "viewer" })));
    expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(MAX_LIVE_KEYS);
    const [key] = await listKeys(fay);
    await revokeKey(fay, { id: key?.id ?? "" });
    await makeKey(fay, { name: "again", role: "viewer" });
  });

  it.each([
    { name: "", role: "viewer" }, { name: "x".repeat(101), role: "viewer" }, { name: "a\nb", role: "viewer" }, { name: "\ud800", role: "viewer" }, { name: "x", role: "owner" },
    { name: "x", role: "viewer", permissions: [] }, { name: "x", role: "viewer", permissions: ["everything"] }, { name: "x", role: "viewer", permissions: { contains: "" } },
    { name: "x", role: "viewer", expiresInDays: 367 }, { name: "x", role: "viewer", expiresInDays: 0 }, { name: "x", role: "viewer", expiresInDays: 1.5 },
    { name: "x", role: "viewer", userId: "someone" }, { name: "x", role: "viewer", hash: "00" }, { name: "x", role: "viewer", id: "aaaaaaaaaaaa" }, { name: { not: null }, role: "viewer" },
  ])("refuses %.80j", async (input) => {
    const before = await test.db.apiKey.count();
    await expect((async () => makeKey(test.ctx, input as never))()).rejects.toThrow();
    expect(await test.db.apiKey.count()).toBe(before);
  });
});
