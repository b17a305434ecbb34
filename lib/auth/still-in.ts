import "server-only";
import type { Db } from "#lib/db/client";
import type { Actor } from "#lib/ctx";
import type { HeaderSource } from "./request.ts";
import { SESSION_IDLE_MS, sessionToken } from "./session.ts";

/** By what somebody came in who stays: the token of a session, or the id of a key. */
export type Entry = { token: string } | { keyId: string };

/** By what this request came in; null for whoever needs no sign-in. */
export function entryOf(actor: Actor, headers: HeaderSource): Entry | null {
  if (!("may" in actor)) return null;
  if (actor.keyId !== undefined) return { keyId: actor.keyId };
  const token = sessionToken(headers);
  return token === null ? null : { token };
}

export const nameOf = (entry: Entry): string => ("token" in entry ? entry.token : entry.keyId);

/** The names of those of the entries that let nobody in any more. One query for all; it does not count as use of a session. */
export async function findOver(db: Db, entries: readonly Entry[]): Promise<Set<string>> {
  // Many read by the same session, in several tabs.
  const tokens = [...new Set(entries.flatMap((entry) => ("token" in entry ? [entry.token] : [])))];
  const keyIds = [...new Set(entries.flatMap((entry) => ("keyId" in entry ? [entry.keyId] : [])))];
  const rows = await db.$queryRaw<{ name: string }[]>`
    select t.name from unnest(${tokens}::text[]) t(name)
     where not exists (select 1 from sessions s join users u on u.id = s.user_id
                        where s.token = t.name and s.expires_at > now() and s.updated_at > now() - ${SESSION_IDLE_MS}::float8 * interval '1 ms' and u.disabled_at is null)
    union all
    select k.name from unnest(${keyIds}::text[]) k(name)
     where not exists (select 1 from api_keys a left join users u on u.id = a.user_id
                        where a.id = k.name and a.revoked_at is null and a.expires_at > now() and u.disabled_at is null)`;
  return new Set(rows.map(({ name }) => name));
}
