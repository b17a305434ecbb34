/** Whether those who have a stream open may still: asked for all of them at once, for as long as they read. */
import "server-only";
import { ALL_PERMISSIONS, type Permission, PERMISSIONS_OF, ROLES, type Rights } from "#lib/access/rules";
import type { Actor } from "#lib/ctx";
import type { Db } from "#lib/db/client";
import { rightsOf } from "#lib/keys/rules";
import { LIMITS } from "#lib/limits";
import { findHiddenRights } from "#lib/settings/queries";

/** By what somebody is let in, and what they might when they came; null for who needs neither. */
export type Standing = { kind: "session" | "key"; id: string; rights: string };

const print = (may: Rights): string => ALL_PERMISSIONS.filter((one) => may.has(one)).join(" ");

export function standingOf(actor: Actor): Standing | null {
  if (!("may" in actor)) return null;
  const rights = print(actor.may);
  if (actor.keyId !== undefined) return { kind: "key", id: actor.keyId, rights };
  return actor.sessionId === undefined ? null : { kind: "session", id: actor.sessionId, rights };
}

/**
 * Of these, those whose session or key has ended, whose person was disabled, or who may now something else than when they came.
 * Two short queries, however many there are.
 */
export async function findLost<T extends Standing>(db: Db, all: readonly T[]): Promise<T[]> {
  const idsOf = (kind: Standing["kind"]) => [...new Set(all.filter((one) => one.kind === kind).map(({ id }) => id))];
  const rows = await db.$queryRaw<{ kind: Standing["kind"]; id: string; role: string; permissions: string[] | null; hasOwner: boolean; ownerRole: string | null }[]>`
    select 'session' as kind, s.id, u.role, null::text[] as permissions, true as "hasOwner", u.role as "ownerRole"
      from sessions s join users u on u.id = s.user_id
     where s.id = any(${idsOf("session")}::text[]) and s.expires_at > now() and s.updated_at > now() - ${LIMITS.sessionIdleMs}::float8 * interval '1 ms' and u.disabled_at is null
    union all
    select 'key', k.id, k.role, k.permissions, k.user_id is not null, u.role
      from api_keys k left join users u on u.id = k.user_id
     where k.id = any(${idsOf("key")}::text[]) and k.revoked_at is null and k.expires_at > clock_timestamp() and u.disabled_at is null`;
  const hidden = new Map<string, readonly Permission[]>();
  for (const role of ROLES) if (rows.some((row) => row.role === role || row.ownerRole === role)) hidden.set(role, await findHiddenRights({ db }, role));
  const now = new Map(rows.map((row) => {
    const role = ROLES.find((one) => one === row.role);
    const may = new Set(row.kind === "key" ? rightsOf(row, row.hasOwner ? { role: row.ownerRole ?? "" } : null) : role ? PERMISSIONS_OF[role] : []);
    for (const one of [row.role, row.ownerRole ?? ""]) for (const permission of hidden.get(one) ?? []) may.delete(permission);
    return [`${row.kind} ${row.id}`, print(may)] as const;
  }));
  return all.filter(({ kind, id, rights }) => now.get(`${kind} ${id}`) !== rights);
}
