import "server-only";
import { createHash } from "node:crypto";
import { z } from "zod";
import { allow, ROLES } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import type { Db } from "#lib/db/client";
import { AppError } from "#lib/errors";
import { LINK_KINDS, type LinkKind, nameFrom } from "./rules.ts";

const PersonRow = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  disabledAt: z.date().nullable(),
  /** False from the invitation until a password was set, or a provider has signed them in. */
  hasJoined: z.boolean(),
  twoFactorEnabled: z.boolean(),
  /** Browsers that they are signed in with. */
  sessions: z.number(),
  lastSignInAt: z.date().nullable(),
  createdAt: z.date(),
});
export type PersonRow = z.infer<typeof PersonRow>;

/** Everybody, by name. Of people there are hundreds at most, so all of them. */
export async function listPeople(ctx: Ctx): Promise<PersonRow[]> {
  allow(ctx, "people.manage");
  const rows = await ctx.db.$queryRaw`
    select u.id, u.email, u.name, u.role, u.disabled_at as "disabledAt", u.two_factor_enabled as "twoFactorEnabled", u.last_sign_in_at as "lastSignInAt", u.created_at as "createdAt",
           exists (select from sign_in_accounts a where a.user_id = u.id) as "hasJoined",
           (select count(*)::int from sessions s where s.user_id = u.id and s.expires_at > now()) as sessions
      from users u
     order by u.disabled_at is not null, lower(u.name), u.email`;
  return z.array(PersonRow).parse(rows);
}

/** Somebody by their e-mail address. @throws AppError NOT_FOUND */
export async function getPerson(ctx: Ctx, email: string): Promise<PersonRow> {
  allow(ctx, "people.manage");
  const person = (await listPeople(ctx)).find((one) => one.email === email.trim().toLowerCase());
  if (!person) throw new AppError("NOT_FOUND", `Nobody has the address ${email}. ./penstock users ls lists everybody.`);
  return person;
}

/** Whether anybody can sign in yet. Asked before there is anyone who could ask, so of nobody in particular. */
export async function isEmpty(db: Db): Promise<boolean> {
  const [row] = await db.$queryRaw<{ found: boolean }[]>`select exists (select from users) as found`;
  return !row?.found;
}

/** How to call somebody new: as they say, and with their address when another person or key is called so. */
export async function freeName(db: Db, { name, email }: { name: string; email: string }): Promise<string> {
  const wanted = name.trim().slice(0, 100) || nameFrom(email);
  const [row] = await db.$queryRaw<{ taken: boolean }[]>`select exists (select from actor_names where name = name_key(${wanted})) as taken`;
  return row?.taken ? `${wanted.slice(0, 40)} (${email})`.slice(0, 100) : wanted;
}

/** Of a token only this is kept. A plain hash will do for 256 random bits. */
export const hashToken = (token: string): string => createHash("sha256").update(token).digest("hex");

const Link = z.object({ kind: z.enum(LINK_KINDS), email: z.string().nullable(), name: z.string().nullable() });
export type OpenLink = { kind: LinkKind; email: string | null; name: string | null };

/** What a one-time link is for, or null when there is no such link any more. Whoever has the token may ask. */
export async function findLink(db: Db, token: string): Promise<OpenLink | null> {
  const rows = await db.$queryRaw<unknown[]>`
    select l.kind, u.email, u.name from one_time_links l left join users u on u.id = l.user_id
     where l.token_hash = ${hashToken(token)} and l.used_at is null and l.expires_at > now() and u.disabled_at is null`;
  return rows[0] === undefined ? null : Link.parse(rows[0]);
}
