import "server-only";
import { randomBytes } from "node:crypto";
import { PERMISSIONS_OF, type Permission, ROLES, type Role } from "#lib/access/rules";
import type { Actor } from "#lib/ctx";
import { type Db, KEPT, type PrismaClient } from "#lib/db/client";
import { LIMITS } from "#lib/limits";
import { z } from "zod";
import { type HeaderSource, isSecure, originOf } from "./request.ts";
import { authSecret, sign, unsign } from "./secret.ts";

/** After so long a session is over, however it is used, in milliseconds. */
export const SESSION_ABSOLUTE_MS = 7 * 24 * 3_600_000;
/** How old the last use may be before it is written down again, in milliseconds: not with every request. */
const TOUCH_MS = 60_000;

/** `__Host-` makes the browser see to it that the cookie was set by this very host, over https, for all paths. */
export const cookieName = (secure: boolean): string => (secure ? "__Host-penstock" : "penstock");

/** The session's token from the cookie of a request, if we have signed it. */
export function sessionToken(headers: HeaderSource): string | null {
  const name = cookieName(isSecure(headers));
  for (const part of (headers.get("cookie") ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at < 0 || part.slice(0, at).trim() !== name) continue;
    try {
      const token = unsign(decodeURIComponent(part.slice(at + 1).trim()), authSecret());
      if (token) return token;
    } catch {
      // Not escaped as ours is: somebody else's.
    }
  }
  return null;
}

/** A cookie to be set, by whatever sets cookies where this runs. */
export type SetCookie = { name: string; value: string; options: { httpOnly?: boolean; secure?: boolean; sameSite?: "lax" | "strict" | "none"; path?: string; maxAge?: number } };

/** The cookie of a session, or with null the end of it. */
export function setSession(token: string | null, headers: HeaderSource): SetCookie {
  const secure = isSecure(headers);
  const options = { httpOnly: true, secure, sameSite: "lax", path: "/", maxAge: token === null ? 0 : SESSION_ABSOLUTE_MS / 1_000 } as const;
  return { name: cookieName(secure), value: token === null ? "" : sign(token, authSecret()), options };
}

/** `name=value`, as a browser would send it back. */
export const sessionCookie = (token: string, secure = false): string => `${cookieName(secure)}=${encodeURIComponent(sign(token, authSecret()))}`;

/** Somebody signed in, as one query tells. */
export type SignedIn = { sessionId: string; userId: string; email: string; name: string; role: Role; twoFactorEnabled: boolean };

const Row = z.object({ sessionId: z.string(), userId: z.string(), email: z.string(), name: z.string(), role: z.enum(ROLES), twoFactorEnabled: z.boolean() });

/**
 * Whose session this is, or null when there is none, it is over, or the person is disabled. One statement, which also writes down
 * that it was used, when that was more than a minute ago.
 */
export async function findSignedIn(db: Db, token: string): Promise<SignedIn | null> {
  const rows = await db.$queryRaw<unknown[]>`${KEPT}
    with found as (
      select s.id, s.user_id, s.updated_at, u.email, u.name, u.role, u.two_factor_enabled
        from sessions s join users u on u.id = s.user_id
       where s.token = ${token} and s.expires_at > now() and s.updated_at > now() - ${LIMITS.sessionIdleMs}::float8 * interval '1 ms' and u.disabled_at is null
    ), touched as (
      update sessions set updated_at = now() where id = (select id from found where updated_at < now() - ${TOUCH_MS}::float8 * interval '1 ms')
    )
    select id as "sessionId", user_id as "userId", email, name, role, two_factor_enabled as "twoFactorEnabled" from found`;
  return rows[0] === undefined ? null : Row.parse(rows[0]);
}

/** A session without better-auth: after a one-time link, after a change of password, and in tests. @returns its token */
export async function openSession(db: Db, userId: string, headers: HeaderSource): Promise<string> {
  const token = randomBytes(32).toString("base64url");
  const { ip, userAgent } = originOf(headers);
  await db.$executeRaw`
    insert into sessions (user_id, token, expires_at, ip_address, user_agent)
    values (${userId}, ${token}, now() + ${SESSION_ABSOLUTE_MS}::float8 * interval '1 ms', ${ip}, ${userAgent?.slice(0, 400) ?? null})`;
  await db.$executeRaw`update users set last_sign_in_at = now() where id = ${userId}`;
  return token;
}

/** Where somebody signs in or out: the server's client, and the headers of the request. */
export type At = { db: PrismaClient; headers: Headers };

/** Ends the session that a browser came with: its token must not live on beside a new one. */
export async function endSession({ db, headers }: At): Promise<void> {
  const token = sessionToken(headers);
  if (token) await db.$executeRaw`delete from sessions where token = ${token}`;
}

/** Ends all sessions of a person, or all but one. Their cookies open nothing from here on. @returns how many */
export const endSessions = (db: Db, userId: string, except?: string): Promise<number> =>
  db.$executeRaw`delete from sessions where user_id = ${userId} and id is distinct from ${except ?? null}`;

/** Who acts, in a browser. `hidden`: rights that the role has, and that a setting takes from it. */
export function actorOf({ userId, sessionId, name, role }: SignedIn, headers: HeaderSource, hidden: readonly Permission[] = []): Actor {
  return { kind: "web", name, userId, sessionId, may: new Set(PERMISSIONS_OF[role].filter((permission) => !hidden.includes(permission))), from: originOf(headers) };
}
