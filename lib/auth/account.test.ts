import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createPerson } from "#lib/people/mutations";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { beginSecondFactor, changePassword, confirmSecondFactor, dropOwnSecondFactor } from "./account.ts";
import { findSession } from "./actor.ts";
import { IP_HEADER } from "./request.ts";
import type { SetCookie } from "./session.ts";
import { signIn, verifyCode } from "./sign-in.ts";

let test: TestDatabase;
const PASSWORD = "three unrelated words";
const email = "ann@example.org";
beforeAll(async () => {
  test = await cloneDatabase();
  process.env.DATABASE_URL = test.url;
  await createPerson(test.ctx, { email, name: "Ann", role: "admin", password: PASSWORD });
});
afterAll(() => test.drop());

const at = (cookie = "") => ({ db: test.db, headers: new Headers({ host: "localhost:3000", [IP_HEADER]: "10.0.0.1", cookie }) });
const jar = (cookies: SetCookie[]) => cookies.filter(({ value }) => value !== "").map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join("; ");
const whose = async (cookie: string) => findSession(test.db, at(cookie).headers);
async function me(cookie: string) {
  const signedIn = await whose(cookie);
  if (!signedIn) throw new Error("not signed in");
  return signedIn;
}

/** RFC 6238 by hand: what an authenticator app would show. */
function codeOf(secret: string, at = Date.now()): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

it("a new password ends every session, this one goes on under a new token, and the old one opens nothing", async () => {
  const [one, other] = [jar((await signIn(at(), { email, password: PASSWORD })).cookies), jar((await signIn(at(), { email, password: PASSWORD })).cookies)];
  const next = "four other plain words";
  await expect(changePassword(at(one), await me(one), { current: "not it, not it", password: next })).rejects.toMatchObject({ code: "INVALID", faults: [{ path: "current" }] });
  await expect(changePassword(at(one), await me(one), { current: PASSWORD, password: "short" })).rejects.toMatchObject({ code: "INVALID", faults: [{ path: "password" }] });
  const renewed = jar(await changePassword(at(one), await me(one), { current: PASSWORD, password: next }));
  expect([await whose(one), await whose(other)]).toEqual([null, null]);
  expect(await whose(renewed)).toMatchObject({ email });
  await expect(signIn(at(), { email, password: PASSWORD })).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  await changePassword(at(renewed), await me(renewed), { current: next, password: PASSWORD });
});

it("a second factor counts from its first right code, is asked for at sign-in, and each backup code works once", async () => {
  let cookie = jar((await signIn(at(), { email, password: PASSWORD })).cookies);
  await expect(beginSecondFactor(at(cookie), await me(cookie), { password: "not it, not it" })).rejects.toMatchObject({ code: "INVALID" });
  const { secret, backupCodes, uri } = await beginSecondFactor(at(cookie), await me(cookie), { password: PASSWORD });
  expect(uri).toMatch(/^otpauth:\/\/totp\/Penstock/);
  // Begun is not on.
  expect((await signIn(at(), { email, password: PASSWORD })).step).toBe("done");
  await expect(confirmSecondFactor(at(cookie), await me(cookie), { code: codeOf(secret, 0) })).rejects.toMatchObject({ code: "INVALID" });
  cookie = jar(await confirmSecondFactor(at(cookie), await me(cookie), { code: codeOf(secret) }));

  const first = await signIn(at(), { email, password: PASSWORD });
  expect(first.step).toBe("code");
  // Half a sign-in opens nothing.
  expect(await whose(jar(first.cookies))).toBeNull();
  await expect(verifyCode(at(jar(first.cookies)), { code: codeOf(secret, 0) })).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  expect(await whose(jar((await verifyCode(at(jar(first.cookies)), { code: codeOf(secret) })).cookies))).toMatchObject({ email });
  // Nor does a code without the password before it.
  await expect(verifyCode(at(), { code: codeOf(secret) })).rejects.toMatchObject({ code: "UNAUTHENTICATED" });

  const backup = backupCodes[0] ?? "";
  const second = await signIn(at(), { email, password: PASSWORD });
  const entered = jar((await verifyCode(at(jar(second.cookies)), { code: backup })).cookies);
  const third = await signIn(at(), { email, password: PASSWORD });
  await expect(verifyCode(at(jar(third.cookies)), { code: backup })).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  const [kept] = await test.db.$queryRaw<{ all: string }[]>`select secret || backup_codes as all from two_factors`;
  expect(kept?.all).not.toContain(secret);
  expect(kept?.all).not.toContain(backup);

  await dropOwnSecondFactor(at(entered), await me(entered), { password: PASSWORD });
  expect((await signIn(at(), { email, password: PASSWORD })).step).toBe("done");
});
