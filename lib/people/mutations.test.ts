import { afterAll, beforeAll, expect, it } from "vitest";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { person } from "#lib/testing/people";
import type { Ctx } from "#lib/ctx";
import { makeKey, revokeKey } from "#lib/keys/mutations";
import { changeRole, createFirstAdmin, createPerson, disablePerson, enablePerson, invitePerson, makeResetLink, makeSetupLink, redeemLink } from "./mutations.ts";
import { findLink, freeName, getPerson, isEmpty, listPeople } from "./queries.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await cloneDatabase();
});
afterAll(() => test.drop());

const PASSWORD = "three unrelated words";
const nobody = () => ({ db: test.db, actor: { kind: "web", name: "nobody", may: new Set<never>() } as const });
const age = (minutes: number) => test.db.$executeRaw`update one_time_links set expires_at = expires_at - ${minutes}::float8 * interval '1 minute' where used_at is null`;

it("the setup link makes one admin, once, within 15 minutes, and only while there is nobody", async () => {
  expect(await isEmpty(test.db)).toBe(true);
  const first = await makeSetupLink(test.ctx);
  const { token } = await makeSetupLink(test.ctx);
  expect(await findLink(test.db, first.token), "a newer one ends it").toBeNull();
  expect(await findLink(test.db, token)).toEqual({ kind: "setup", email: null, name: null });
  const [kept] = await test.db.$queryRaw<{ all: string }[]>`select string_agg(l::text, ' ') as all from one_time_links l`;
  expect(kept?.all).not.toContain(token);

  await expect(redeemLink(nobody(), { token, email: "eve@example.org", password: "short" })).rejects.toMatchObject({ code: "INVALID" });
  await expect(redeemLink(nobody(), { token, password: PASSWORD })).rejects.toMatchObject({ code: "INVALID" });
  await age(16);
  await expect(redeemLink(nobody(), { token, email: "eve@example.org", password: PASSWORD })).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(await isEmpty(test.db)).toBe(true);

  const { token: fresh } = await makeSetupLink(test.ctx);
  const both = await Promise.allSettled(["eve@example.org", "mallory@example.org"].map((email) => redeemLink(nobody(), { token: fresh, email, password: PASSWORD })));
  expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await findLink(test.db, fresh)).toBeNull();
  expect((await listPeople(test.ctx)).map(({ role }) => role)).toEqual(["admin"]);
  await expect(makeSetupLink(test.ctx)).rejects.toMatchObject({ code: "CONFLICT" });
  expect(await createFirstAdmin(test.ctx, { email: "late@example.org", password: PASSWORD })).toBeNull();
});

it("an invitation sets a password once, a reset link ends sessions, and a used or expired one is refused", async () => {
  const { token, id } = await invitePerson(test.ctx, { email: "olga.petrov@example.org", role: "operator" });
  expect(await getPerson(test.ctx, "Olga.Petrov@example.org")).toMatchObject({ name: "Olga Petrov", hasJoined: false, role: "operator" });
  await expect(redeemLink(nobody(), { token, password: "olga.petrov12" }), "too close to the name").rejects.toMatchObject({ code: "INVALID" });
  // Whoever has an invitation cannot make more of it: role and address are the admin's.
  expect(await redeemLink(nobody(), { token, password: PASSWORD, email: "boss@example.org", name: "Boss" })).toEqual({ userId: id });
  expect(await getPerson(test.ctx, "olga.petrov@example.org")).toMatchObject({ name: "Olga Petrov", hasJoined: true, role: "operator" });
  await expect(redeemLink(nobody(), { token, password: PASSWORD })).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(invitePerson(test.ctx, { email: "olga.petrov@example.org", role: "admin" })).rejects.toMatchObject({ code: "CONFLICT" });

  const old = await makeResetLink(test.ctx, { id });
  const reset = await makeResetLink(test.ctx, { id });
  await test.db.$executeRaw`insert into sessions (user_id, token, expires_at) values (${id}, 'x', now() + interval '1 day')`;
  await expect(redeemLink(nobody(), { token: old.token, password: PASSWORD })).rejects.toMatchObject({ code: "NOT_FOUND" });
  await redeemLink(nobody(), { token: reset.token, password: "four other plain words" });
  expect(await test.db.session.count({ where: { userId: id } })).toBe(0);

  const late = await makeResetLink(test.ctx, { id });
  await age(24 * 60 + 1);
  await expect(redeemLink(nobody(), { token: late.token, password: PASSWORD })).rejects.toMatchObject({ code: "NOT_FOUND" });
  const none = await makeResetLink(test.ctx, { id });
  await disablePerson(test.ctx, { id });
  await expect(redeemLink(nobody(), { token: none.token, password: PASSWORD })).rejects.toMatchObject({ code: "NOT_FOUND" });
  await enablePerson(test.ctx, { id });
});

it("the last admin can be neither demoted nor disabled, not even by two at once", async () => {
  const [first] = (await listPeople(test.ctx)).filter(({ role }) => role === "admin");
  const id = first?.id ?? "";
  await expect(changeRole(test.ctx, { id, role: "operator" })).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(disablePerson(test.ctx, { id })).rejects.toMatchObject({ code: "CONFLICT" });
  for (let round = 0; round < 5; round += 1) {
    const { id: other } = await createPerson(test.ctx, { email: `second${round}@example.org`, role: "admin", password: PASSWORD });
    const both = await Promise.allSettled([disablePerson(test.ctx, { id }), changeRole(test.ctx, { id: other, role: "viewer" })]);
    expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await listPeople(test.ctx)).filter(({ role, disabledAt }) => role === "admin" && !disabledAt)).toHaveLength(1);
    await enablePerson(test.ctx, { id });
    if ((await listPeople(test.ctx)).some((one) => one.id === other && one.role === "admin")) await disablePerson(test.ctx, { id: other });
  }
  const { id: third } = await createPerson(test.ctx, { email: "third@example.org", role: "admin", password: PASSWORD });
  await changeRole(test.ctx, { id: third, role: "operator" });
  await disablePerson(test.ctx, { id: third });
});

it("only admins see and change people, and each act is written down", async () => {
  for (const role of ["viewer", "operator"] as const) {
    const ctx = { db: test.db, actor: person("sam", role) };
    const acts = [() => listPeople(ctx), () => invitePerson(ctx, { email: "x@example.org", role: "admin" }), () => changeRole(ctx, { id: "x", role: "admin" }), () => disablePerson(ctx, { id: "x" }), () => enablePerson(ctx, { id: "x" }), () => makeResetLink(ctx, { id: "x" }), () => makeSetupLink(ctx)];
    for (const act of acts) await expect((async () => act())()).rejects.toMatchObject({ code: "FORBIDDEN" });
  }
  const actions = await test.db.$queryRaw<{ action: string }[]>`select distinct action from audit_entries order by 1`;
  expect(actions.map(({ action }) => action)).toEqual(["person.create", "person.disable", "person.enable", "person.invite", "person.join", "person.password", "person.reset_link", "person.role", "person.setup_link"]);
});

it("a name is one person's or one owner's keys', for good, however it is written", async () => {
  const { id } = await createPerson(test.ctx, { email: "nora@example.org", name: "Nora Vale", role: "viewer", password: PASSWORD });
  const ci = (actor: Ctx["actor"], name = "Nightly CI") => (async () => makeKey({ ...test.ctx, actor }, { name, role: "viewer" }))();
  const nora = { ...person("Nora Vale", "viewer"), userId: id };
  for (const name of ["nora vale", "NORA  VALE", "Nora\u200b Vale", "\uff2eora Vale"]) {
    await expect(invitePerson(test.ctx, { email: "other@example.org", name, role: "viewer" }), name).rejects.toMatchObject({ code: "CONFLICT", faults: [{ path: "name" }] });
  }
  await expect(ci(test.ctx.actor, "Nora vale")).rejects.toMatchObject({ code: "CONFLICT", faults: [{ path: "name" }] });
  await expect(ci(nora, "Nora Vale"), "not even her own: me is one").rejects.toMatchObject({ code: "CONFLICT" });
  await disablePerson(test.ctx, { id });
  await expect(invitePerson(test.ctx, { email: "other@example.org", name: "Nora Vale", role: "viewer" })).rejects.toMatchObject({ code: "CONFLICT" });

  const { id: old } = await ci(nora);
  await ci(nora);
  await revokeKey(test.ctx, { id: old });
  await expect(ci(test.ctx.actor)).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(createPerson(test.ctx, { email: "ci@example.org", name: "nightly ci", role: "viewer", password: PASSWORD })).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(test.db.$executeRaw`update users set name = 'nightly CI' where id = ${id}`).rejects.toThrow(/is taken/);

  const both = await Promise.allSettled(["p@example.org", "q@example.org"].map((email) => invitePerson(test.ctx, { email, name: "Twin", role: "viewer" })));
  expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await freeName(test.db, { name: "twin", email: "new@example.org" })).toBe("twin (new@example.org)");
  expect(await freeName(test.db, { name: " Free ", email: "new@example.org" })).toBe("Free");
});
