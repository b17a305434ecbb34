import { z } from "zod";
import { ALL_PERMISSIONS, allow, can, type Permission, ROLES, type Role } from "#lib/access/rules";
import type { Actor, Ctx } from "#lib/ctx";
import { type Db, empty, type Sql, sql } from "#lib/db/client";
import type { KeyState } from "./fields.ts";
import { isHashOf, readToken, rightsOf } from "./rules.ts";

/** `lastUsedAt` is written when it is older than this, in seconds: a busy key must not cost a write a request. */
const LAST_USED_STEP_S = 60;

export type KeyRow = {
  id: string;
  name: string;
  /** Whose it is; null for one that the machine's command line made. */
  owner: string | null;
  ownerEmail: string | null;
  isMine: boolean;
  role: Role;
  permissions: Permission[] | null;
  state: KeyState;
  createdAt: Date;
  createdBy: string;
  expiresAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
};

export const ListKeysInput = z.strictObject({ /** Also those that have expired or were revoked. */ ended: z.boolean().default(false) });
export type ListKeysInput = z.input<typeof ListKeysInput>;

/** More than anybody has; a list that is longer than this is nobody's to read. */
const MOST_KEYS = 1_000;

/**
 * The asker's keys, newest first; everybody's for whoever manages them. No answer holds a secret or its hash.
 *
 * @throws AppError FORBIDDEN
 */
export async function listKeys(ctx: Ctx, input: ListKeysInput = {}): Promise<KeyRow[]> {
  if (!can(ctx.actor, "keys.manage")) allow(ctx, "keys.make");
  const { ended } = ListKeysInput.parse(input);
  const rows = await ctx.db.$queryRaw<(Omit<KeyRow, "role" | "permissions"> & { role: string; permissions: string[] | null })[]>`
    select k.id, k.name, u.name "owner", u.email "ownerEmail", ${isMine(ctx.actor)} "isMine", k.role, k.permissions, k.created_at "createdAt", k.created_by "createdBy",
           k.expires_at "expiresAt", k.last_used_at "lastUsedAt", k.revoked_at "revokedAt",
           case when k.revoked_at is not null then 'revoked' when k.expires_at <= clock_timestamp() then 'expired' else 'live' end state
    from api_keys k left join users u on u.id = k.user_id
    where ${reach(ctx.actor)} ${ended ? empty : sql`and k.revoked_at is null and k.expires_at > clock_timestamp()`}
    order by k.created_at desc, k.id limit ${MOST_KEYS}`;
  return rows.map((row) => ({ ...row, role: ROLES.find((role) => role === row.role) ?? "viewer", permissions: row.permissions && ALL_PERMISSIONS.filter((one) => row.permissions?.includes(one)) }));
}

/** The keys `k` that the actor may see and revoke. */
export const reach = (actor: Actor): Sql => (can(actor, "keys.manage") ? sql`true` : isMine(actor));

/** A person's are theirs; a key without a person has itself and what was made with it. */
function isMine(actor: Actor): Sql {
  if (!("may" in actor)) return sql`k.user_id is null`;
  if (actor.userId !== undefined) return sql`k.user_id is not distinct from ${actor.userId}`;
  return actor.keyId === undefined ? sql`false` : sql`(k.id = ${actor.keyId} or k.made_with_id is not distinct from ${actor.keyId})`;
}

/**
 * Who signs in with this token, and what they may at this moment: the key's own rights, and no more than its owner's.
 * Null for what is no token, unknown, wrong, expired or revoked, and when its owner was disabled.
 *
 * @param hidden what a setting takes away from a role: from the key's and from its owner's
 */
export async function resolveKey(db: Db, token: string, hidden: (role: Role) => Promise<readonly Permission[]> = async () => []): Promise<Extract<Actor, { may: unknown }> | null> {
  const parts = readToken(token);
  if (!parts) return null;
  const [key] = await db.$queryRaw<{ name: string; hash: Uint8Array; role: string; permissions: string[] | null; userId: string | null; ownerRole: string | null; isUnnoted: boolean }[]>`
    select k.name, k.hash, k.role, k.permissions, k.user_id "userId", u.role "ownerRole",
           coalesce(k.last_used_at < clock_timestamp() - make_interval(secs => ${LAST_USED_STEP_S}), true) "isUnnoted"
    from api_keys k left join users u on u.id = k.user_id
    where k.id = ${parts.id} and k.revoked_at is null and k.expires_at > clock_timestamp() and u.disabled_at is null`;
  if (!key || !isHashOf(key.hash, parts.secret)) return null;
  if (key.isUnnoted) {
    await db.$executeRaw`
      update api_keys set last_used_at = clock_timestamp()
      where id = ${parts.id} and coalesce(last_used_at < clock_timestamp() - make_interval(secs => ${LAST_USED_STEP_S}), true)`;
  }
  const may = new Set(rightsOf(key, key.userId === null ? null : { role: key.ownerRole ?? "" }));
  for (const role of ROLES) if (role === key.role || role === key.ownerRole) for (const permission of await hidden(role)) may.delete(permission);
  return { kind: "api", name: key.name, may, keyId: parts.id, ...(key.userId !== null && { userId: key.userId }) };
}
