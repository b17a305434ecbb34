import type { Db, PrismaClient } from "#lib/db/client";

/** Who acts: authorization asks it, events and the audit log keep it. */
export type Actor =
  | { kind: "web"; name: string }
  | { kind: "cli"; name: string }
  | { kind: "api"; name: string }
  | { kind: "worker"; name: string };

/** What every verb takes first. `db` is the client, or the transaction that the caller is in. */
export type Ctx = { db: Db; actor: Actor };

/** The longest that a transaction may stay open, in milliseconds. Past it PostgreSQL rolls back and the verb throws. */
const TRANSACTION_TIMEOUT_MS = 30_000;

/** Runs `fn` in a transaction: the caller's own when it is in one, otherwise a new one. */
export function inTransaction<T>(ctx: Ctx, fn: (ctx: Ctx) => Promise<T>): Promise<T> {
  if (!isClient(ctx.db)) return fn(ctx);
  return ctx.db.$transaction((db) => fn({ ...ctx, db }), { timeout: TRANSACTION_TIMEOUT_MS, maxWait: 5_000 });
}

function isClient(db: Db): db is PrismaClient {
  return "$transaction" in db && typeof db.$transaction === "function";
}
