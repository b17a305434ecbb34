import type { Rights } from "#lib/access/rules";
import type { Db, PrismaClient } from "#lib/db/client";

/** Where a request came from, for the audit log. */
export type Origin = { ip: string | null; requestId: string | null; userAgent: string | null };

/**
 * Who acts: `lib/access` asks what they may do, events and the audit log keep the name. `web` is a person in a browser, `api` a
 * program with a key; `userId` is the person who is signed in, or whose key it is. Names are unique among people and keys.
 */
export type Actor =
  | { kind: "web" | "api"; name: string; may: Rights; userId?: string; keyId?: string; sessionId?: string; from?: Origin }
  | { kind: "cli" | "worker"; name: string };

/** Under which a person or a key is counted; null for whoever needs no sign-in. */
export const signatureOf = (actor: Actor): string | null => ("may" in actor ? (actor.keyId ?? actor.userId ?? null) : null);

/** Whose an actor's own things are: a key acts for its owner, and one that is nobody's for itself. */
export const ownerOf = (actor: Actor): string => ("may" in actor ? (actor.userId ?? actor.keyId ?? actor.name) : actor.name);

/** What every verb takes first. `db` is the client, or the transaction that the caller is in. */
export type Ctx = { db: Db; actor: Actor; /** True within an act that is audited as a whole: what it consists of leaves no entries of its own. */ isPart?: boolean; /** What is to happen once the transaction has been committed; absent outside of one. */ afterCommit?: (() => void)[] };

/** The longest that a transaction may stay open, in milliseconds. Past it PostgreSQL rolls back and the verb throws. */
const TRANSACTION_TIMEOUT_MS = 30_000;

/** How often a transaction that PostgreSQL gave up to resolve a deadlock is tried, in all. */
const DEADLOCK_TRIES = 4;

/**
 * Runs `fn` in a transaction: the caller's own when it is in one, otherwise a new one.
 * `fn` may run again when the first try lost a deadlock, so it must do nothing but work on its `db`.
 */
export async function inTransaction<T>(ctx: Ctx, fn: (ctx: Ctx) => Promise<T>): Promise<T> {
  const { db: client } = ctx;
  if (!isClient(client)) return fn(ctx);
  for (let tries = 1; ; tries += 1) {
    try {
      let afterCommit: (() => void)[] = [];
      const value = await client.$transaction((db) => fn({ ...ctx, db, afterCommit: (afterCommit = []) }), { timeout: TRANSACTION_TIMEOUT_MS, maxWait: 5_000 });
      for (const act of afterCommit) act();
      return value;
    } catch (error) {
      if (tries >= DEADLOCK_TRIES || !/40P01|40001|TransactionWriteConflict/.test(String(error))) throw error;
    }
  }
}

/** Does something that must not happen for what was rolled back, such as counting it: at once outside of a transaction. */
export function onCommit({ afterCommit }: Ctx, act: () => void): void {
  if (afterCommit) afterCommit.push(act);
  else act();
}

function isClient(db: Db): db is PrismaClient {
  return "$transaction" in db && typeof db.$transaction === "function";
}
