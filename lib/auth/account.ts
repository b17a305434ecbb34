/** What somebody does about their own way in: password, second factor, browsers that are signed in. */
import "server-only";
import { z } from "zod";
import { audit } from "#lib/audit/mutations";
import { AppError } from "#lib/errors";
import { setPassword } from "#lib/people/mutations";
import { authFor } from "./instance.ts";
import { countTry } from "./limits.ts";
import { hashPassword, requireGoodPassword, verifyPassword } from "./password.ts";
import { originOf } from "./request.ts";
import { actorOf, type At, endSessions, openSession, type SetCookie, type SignedIn, setSession } from "./session.ts";
import { cookiesOf, databaseUrl, refusalOf } from "./sign-in.ts";

const Typed = z.string().max(1_000);

export const ChangePasswordInput = z.object({ current: Typed, password: Typed });

/** Sets a new password. All sessions end, this one too, which goes on under a new token. @throws AppError INVALID, TOO_MANY */
export async function changePassword(at: At, me: SignedIn, { current, password }: z.output<typeof ChangePasswordInput>): Promise<SetCookie[]> {
  await requireGoodPassword(password, me);
  await requirePassword(at, me, current, "current");
  const hashed = await hashPassword(password);
  const token = await at.db.$transaction(async (db) => {
    await setPassword(db, me.userId, hashed);
    await endSessions(db, me.userId);
    await audit({ db, actor: actorOf(me, at.headers) }, { action: "person.password", object: `user/${me.email}` });
    return openSession(db, me.userId, at.headers);
  });
  return [setSession(token, at.headers)];
}

export const PasswordInput = z.object({ password: Typed });
export type NewFactor = { uri: string; secret: string; backupCodes: string[] };

/** Begins with a second factor: what the app is to be told, and codes for when it is lost. It counts from the first right code on. */
export async function beginSecondFactor(at: At, me: SignedIn, { password }: z.output<typeof PasswordInput>): Promise<NewFactor> {
  await requirePassword(at, me, password, "password");
  // One that was begun and never confirmed stands in nobody's way.
  await at.db.twoFactor.deleteMany({ where: { userId: me.userId, verified: false } });
  const answer = await authFor(at.db, at.headers).api.enableTwoFactor({ body: { password }, headers: at.headers }).catch((error: unknown) => {
    throw refusalOf(error, "The second factor is on already. Turn it off first.");
  });
  if (answer.method !== "totp") throw new Error("The second factor is not of an app");
  return { uri: answer.totpURI, secret: new URL(answer.totpURI).searchParams.get("secret") ?? "", backupCodes: answer.backupCodes };
}

export const ConfirmInput = z.object({ code: z.string().trim().max(40) });

/** The first code from the app: from here on it is asked for at each sign-in. @throws AppError INVALID */
export async function confirmSecondFactor(at: At, me: SignedIn, { code }: z.output<typeof ConfirmInput>): Promise<SetCookie[]> {
  const wasRight = await countTry(databaseUrl(), { email: `code of ${me.email}`, ip: originOf(at.headers).ip });
  const { headers } = await authFor(at.db, at.headers).api.verifyTOTP({ body: { code: code.replace(/\s/g, "") }, headers: at.headers, returnHeaders: true }).catch((error: unknown) => {
    throw wrong("code", refusalOf(error, "The code is not right. Type the newest one.").message);
  });
  await wasRight();
  await audit({ db: at.db, actor: actorOf(me, at.headers) }, { action: "person.second_factor", object: `user/${me.email}`, after: { on: true } });
  return cookiesOf(headers);
}

/** Turns the second factor off. @throws AppError INVALID, TOO_MANY */
export async function dropOwnSecondFactor(at: At, me: SignedIn, { password }: z.output<typeof PasswordInput>): Promise<void> {
  await requirePassword(at, me, password, "password");
  await at.db.$transaction(async (db) => {
    await db.twoFactor.deleteMany({ where: { userId: me.userId } });
    await db.user.update({ where: { id: me.userId }, data: { twoFactorEnabled: false } });
    await endSessions(db, me.userId, me.sessionId);
    await audit({ db, actor: actorOf(me, at.headers) }, { action: "person.second_factor", object: `user/${me.email}`, after: { on: false } });
  });
}

export type OwnSession = { id: string; ip: string | null; userAgent: string | null; createdAt: Date; usedAt: Date; isThis: boolean };

/** The browsers that somebody is signed in with, the latest used first. */
export async function listOwnSessions({ db }: Pick<At, "db">, me: SignedIn): Promise<OwnSession[]> {
  const rows = await db.session.findMany({ where: { userId: me.userId, expiresAt: { gt: new Date() } }, orderBy: { updatedAt: "desc" }, take: 100, select: { id: true, ipAddress: true, userAgent: true, createdAt: true, updatedAt: true } });
  return rows.map(({ id, ipAddress, userAgent, createdAt, updatedAt }) => ({ id, ip: ipAddress, userAgent, createdAt, usedAt: updatedAt, isThis: id === me.sessionId }));
}

/** Counted like a sign-in: an open browser is no way to guess. */
async function requirePassword(at: At, me: SignedIn, password: string, path: string): Promise<void> {
  const wasRight = await countTry(databaseUrl(), { email: me.email, ip: originOf(at.headers).ip });
  const account = await at.db.signInAccount.findFirst({ where: { userId: me.userId, providerId: "credential" }, select: { password: true } });
  if (!account?.password) throw wrong(path, "You sign in by your organisation and have no password here. An admin can make a link that sets one.");
  if (!(await verifyPassword(account.password, password))) throw wrong(path, "The password is not right.");
  await wasRight();
}

const wrong = (path: string, message: string) => new AppError("INVALID", message, { faults: [{ path, message }] });
