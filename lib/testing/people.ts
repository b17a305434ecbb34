/** Those who act in tests. */
import { PERMISSIONS_OF, type Role } from "#lib/access/rules";
import { openSession, sessionCookie } from "#lib/auth/session";
import type { Actor } from "#lib/ctx";
import type { PrismaClient } from "#lib/db/client";

/** Somebody in a browser with what their role may. */
export const person = (name: string, role: Role): Extract<Actor, { may: unknown }> => ({ kind: "web", name, may: new Set(PERMISSIONS_OF[role]) });
export const admin = (name: string) => person(name, "admin");

/** Makes somebody of this role in the database, unless they are there, and signs them in. @returns the cookie to send with requests */
export async function signedIn(db: PrismaClient, role: Role = "admin", name: string = role): Promise<{ cookie: string; userId: string }> {
  const email = `${name.toLowerCase().replaceAll(" ", ".")}@example.org`;
  const { id } = await db.user.upsert({ where: { email }, create: { email, name, role, emailVerified: true }, update: { role, disabledAt: null }, select: { id: true } });
  return { cookie: sessionCookie(await openSession(db, id, new Headers())), userId: id };
}
