import "server-only";
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { allow, ROLES, type Role } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { hashPassword, requireGoodPassword } from "#lib/auth/password";
import { endSessions } from "#lib/auth/session";
import { type Ctx, inTransaction } from "#lib/ctx";
import type { Db } from "#lib/db/client";
import { AppError } from "#lib/errors";
import { hashToken, isEmpty } from "./queries.ts";
import { LINK_LIFE_MS, type LinkKind, nameFrom, refuseTakenName } from "./rules.ts";

const Email = z.string().trim().toLowerCase().max(254).pipe(z.email({ error: "must be an e-mail address, such as ann@example.org" }));
const Name = z.string().trim().min(1, "must not be empty").max(100);
const Password = z.string().max(1_000);

/** A link that was made: the token is told this once, and kept nowhere. */
export type NewLink = { token: string; expiresAt: Date };

/** Of first admins there can be only one: whoever would be the second waits here and is then refused. */
const FIRST_ADMIN_LOCK = 7_331_040;

/** Makes the link by which the first admin is made. Older ones of its kind end. @throws AppError CONFLICT when there is somebody already */
export function makeSetupLink(ctx: Ctx): Promise<NewLink> {
  allow(ctx, "people.manage");
  return inTransaction(ctx, async (inner) => {
    const { db } = inner;
    if (!(await isEmpty(db))) throw new AppError("CONFLICT", "There are people already. Give one of them a new link: ./penstock users setup-link <email>");
    await db.$executeRaw`delete from one_time_links where kind = 'setup'`;
    await audit(inner, { action: "person.setup_link", object: "people" });
    return makeLink(db, "setup", null);
  });
}

export const FirstAdminInput = z.object({ email: Email, name: Name.optional(), password: Password });

/** Makes the first admin, where nobody is. @returns the new id, or null when there is somebody already */
export async function createFirstAdmin(ctx: Ctx, { email, name = nameFrom(email), password }: z.output<typeof FirstAdminInput>): Promise<string | null> {
  allow(ctx, "people.manage");
  if (!(await isEmpty(ctx.db))) return null;
  await requireGoodPassword(password, { email, name });
  const hashed = await hashPassword(password);
  return inTransaction(ctx, (inner) => insertFirstAdmin(inner, { email, name, hashed }));
}

async function insertFirstAdmin(ctx: Ctx, { email, name, hashed }: { email: string; name: string; hashed: string }): Promise<string | null> {
  await ctx.db.$executeRaw`select pg_advisory_xact_lock(${FIRST_ADMIN_LOCK})`;
  if (!(await isEmpty(ctx.db))) return null;
  const id = await insertPerson(ctx.db, { email, name, role: "admin" });
  await setPassword(ctx.db, id, hashed);
  // Kept when nobody signed in: of whoever then had all of Penstock.
  await ctx.db.$executeRaw`update saved_views set owner = ${id} where owner = 'local'`;
  await audit(ctx, { action: "person.create", object: `user/${email}`, after: { role: "admin" } });
  return id;
}

export const UseLinkInput = z.object({ token: z.string().min(20).max(200), password: Password, email: Email.optional(), name: Name.optional() });

/**
 * Uses a one-time link: makes the first admin, or sets the password of whom the link is for and ends their sessions. Once:
 * the guard is in the `UPDATE`, and a password that is refused leaves the link as it was.
 *
 * @throws AppError NOT_FOUND when the link was used, has expired, or never was
 */
export async function redeemLink(ctx: Ctx, { token, password, email, name }: z.output<typeof UseLinkInput>): Promise<{ userId: string }> {
  const hashed = await hashPassword(password);
  return inTransaction(ctx, async (inner) => {
    const { db } = inner;
    const [link] = await db.$queryRaw<{ kind: LinkKind; userId: string | null; email: string | null; name: string | null }[]>`
      update one_time_links l set used_at = now()
        from (select l.id, u.email, u.name from one_time_links l left join users u on u.id = l.user_id
               where l.token_hash = ${hashToken(token)} and u.disabled_at is null) as found
       where l.id = found.id and l.used_at is null and l.expires_at > now()
      returning l.kind, l.user_id as "userId", found.email, found.name`;
    if (!link) throw linkGone();
    if (link.kind === "setup") {
      if (!email) throw new AppError("INVALID", "Say your e-mail address.", { faults: [{ path: "email", message: "must be an e-mail address" }] });
      const called = name ?? nameFrom(email);
      await requireGoodPassword(password, { email, name: called });
      const userId = await insertFirstAdmin({ ...inner, actor: { kind: "web", name: called, may: new Set() } }, { email, name: called, hashed });
      if (!userId) throw linkGone();
      return { userId };
    }
    const person = { email: link.email ?? "", name: link.name ?? "" };
    const userId = link.userId ?? "";
    await requireGoodPassword(password, person);
    await setPassword(db, userId, hashed);
    await endSessions(db, userId);
    await audit({ ...inner, actor: { kind: "web", name: person.name, userId, may: new Set() } }, { action: link.kind === "invite" ? "person.join" : "person.password", object: `user/${person.email}` });
    return { userId };
  });
}

const linkGone = () => new AppError("NOT_FOUND", "This link was used, has expired, or is not complete. Ask an admin for a new one.");

export const InviteInput = z.object({ email: Email, name: Name.optional(), role: z.enum(ROLES) });

/** Adds somebody, who sets their password by the link. @throws AppError CONFLICT when the address is taken */
export function invitePerson(ctx: Ctx, { email, role, name = nameFrom(email) }: z.output<typeof InviteInput>): Promise<NewLink & { id: string }> {
  allow(ctx, "people.manage");
  return inTransaction(ctx, async (inner) => {
    const id = await insertPerson(inner.db, { email, name, role });
    await audit(inner, { action: "person.invite", object: `user/${email}`, after: { role } });
    return { id, ...(await makeLink(inner.db, "invite", id)) };
  });
}

/** Adds somebody with a password, for scripts. @throws AppError CONFLICT, INVALID */
export async function createPerson(ctx: Ctx, { email, role, name = nameFrom(email), password }: z.output<typeof InviteInput> & { password: string }): Promise<{ id: string }> {
  allow(ctx, "people.manage");
  await requireGoodPassword(password, { email, name });
  const hashed = await hashPassword(password);
  return inTransaction(ctx, async (inner) => {
    const id = await insertPerson(inner.db, { email, name, role });
    await setPassword(inner.db, id, hashed);
    await audit(inner, { action: "person.create", object: `user/${email}`, after: { role } });
    return { id };
  });
}

export const PersonInput = z.object({ id: z.string().min(1).max(64) });

/** A link that lets somebody set a new password. Older ones of theirs end; their password holds until the link is used. */
export function makeResetLink(ctx: Ctx, { id }: z.output<typeof PersonInput>): Promise<NewLink> {
  allow(ctx, "people.manage");
  return inTransaction(ctx, async (inner) => {
    const person = await lockPerson(inner.db, id);
    if (person.disabledAt) throw new AppError("CONFLICT", `${person.name} is disabled. Enable the account first.`);
    await inner.db.$executeRaw`delete from one_time_links where user_id = ${id}`;
    await audit(inner, { action: "person.reset_link", object: `user/${person.email}` });
    return makeLink(inner.db, person.hasPassword ? "reset" : "invite", id);
  });
}

export const ChangeRoleInput = PersonInput.extend({ role: z.enum(ROLES) });

/** Gives somebody another role. Their sessions end, so that what they see next is by a new one. @throws AppError CONFLICT for the last admin */
export function changeRole(ctx: Ctx, { id, role }: z.output<typeof ChangeRoleInput>): Promise<void> {
  allow(ctx, "people.manage");
  return inTransaction(ctx, async (inner) => {
    const person = await lockPerson(inner.db, id);
    if (person.role === role) return;
    if (person.role === "admin") await requireAnotherAdmin(inner.db, person);
    await inner.db.$executeRaw`update users set role = ${role}, updated_at = now() where id = ${id}`;
    await endSessions(inner.db, id);
    await audit(inner, { action: "person.role", object: `user/${person.email}`, before: { role: person.role }, after: { role } });
  });
}

/** Nobody of this name gets in any more, from now on: sessions and links end. @throws AppError CONFLICT for the last admin */
export function disablePerson(ctx: Ctx, { id }: z.output<typeof PersonInput>): Promise<void> {
  allow(ctx, "people.manage");
  return inTransaction(ctx, async (inner) => {
    const person = await lockPerson(inner.db, id);
    if (person.disabledAt) return;
    if (person.role === "admin") await requireAnotherAdmin(inner.db, person);
    await inner.db.$executeRaw`update users set disabled_at = now(), updated_at = now() where id = ${id}`;
    await inner.db.$executeRaw`delete from one_time_links where user_id = ${id}`;
    await endSessions(inner.db, id);
    await audit(inner, { action: "person.disable", object: `user/${person.email}` });
  });
}

/** Lets a disabled person in again, with the password they had. */
export function enablePerson(ctx: Ctx, { id }: z.output<typeof PersonInput>): Promise<void> {
  allow(ctx, "people.manage");
  return inTransaction(ctx, async (inner) => {
    const person = await lockPerson(inner.db, id);
    if (!person.disabledAt) return;
    await inner.db.$executeRaw`update users set disabled_at = null, updated_at = now() where id = ${id}`;
    await audit(inner, { action: "person.enable", object: `user/${person.email}` });
  });
}

/** Takes away a second factor that somebody has lost. @throws AppError NOT_FOUND */
export function dropSecondFactor(ctx: Ctx, { id }: z.output<typeof PersonInput>): Promise<void> {
  allow(ctx, "people.manage");
  return inTransaction(ctx, async (inner) => {
    const person = await lockPerson(inner.db, id);
    await inner.db.$executeRaw`delete from two_factors where user_id = ${id}`;
    await inner.db.$executeRaw`update users set two_factor_enabled = false, updated_at = now() where id = ${id}`;
    await endSessions(inner.db, id);
    await audit(inner, { action: "person.drop_second_factor", object: `user/${person.email}` });
  });
}

async function insertPerson(db: Db, { email, name, role }: { email: string; name: string; role: Role }): Promise<string> {
  const [row] = await db.$queryRaw<{ id: string }[]>`
    insert into users (email, name, role, email_verified) values (${email}, ${name}, ${role}, true) on conflict (email) do nothing returning id`.catch(refuseTakenName(name));
  if (!row) throw new AppError("CONFLICT", `Somebody with the address ${email} is here already.`, { faults: [{ path: "email", message: "is taken" }] });
  return row.id;
}

/** Sets a password that was looked at and hashed already. */
export async function setPassword(db: Db, userId: string, hashed: string): Promise<void> {
  await db.$executeRaw`
    insert into sign_in_accounts (user_id, account_id, provider_id, password) values (${userId}, ${userId}, 'credential', ${hashed})
    on conflict (provider_id, account_id) do update set password = excluded.password, updated_at = now()`;
}

async function makeLink(db: Db, kind: LinkKind, userId: string | null): Promise<NewLink> {
  const token = randomBytes(32).toString("base64url");
  const [row] = await db.$queryRaw<{ expiresAt: Date }[]>`
    insert into one_time_links (token_hash, kind, user_id, expires_at)
    values (${hashToken(token)}, ${kind}, ${userId}, now() + ${LINK_LIFE_MS[kind]}::float8 * interval '1 ms') returning expires_at as "expiresAt"`;
  if (!row) throw new Error("The link was not written");
  return { token, expiresAt: row.expiresAt };
}

type Locked = { email: string; name: string; role: Role; disabledAt: Date | null; hasPassword: boolean };

async function lockPerson(db: Db, id: string): Promise<Locked> {
  const [row] = await db.$queryRaw<Locked[]>`
    select email, name, role, disabled_at as "disabledAt", exists (select from sign_in_accounts a where a.user_id = u.id and a.password is not null) as "hasPassword"
      from users u where id = ${id} for update`;
  if (!row) throw new AppError("NOT_FOUND", "There is no such person any more. Reload the page.");
  return row;
}

/** Locks every admin, so that of two who disable each other at once one is left. */
async function requireAnotherAdmin(db: Db, { email, name }: Locked): Promise<void> {
  const admins = await db.$queryRaw<{ email: string }[]>`select email from users where role = 'admin' and disabled_at is null order by id for update`;
  if (admins.some((admin) => admin.email !== email)) return;
  throw new AppError("CONFLICT", `${name} is the last admin. Make somebody else an admin first.`);
}
