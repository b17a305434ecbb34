import "server-only";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { parseEnv } from "#lib/env";
import { AppError } from "#lib/errors";
import { LIMITS } from "#lib/limits";
import { Prisma, PrismaClient } from "./generated/client.ts";

export { Prisma, PrismaClient };

/** The client, or a transaction of it. SQL goes through `db.$queryRaw` with the `sql` tag; nothing else builds SQL. */
export type Db = PrismaClient | Prisma.TransactionClient;
export const { sql, join, empty } = Prisma;
export type Sql = Prisma.Sql;

/** A pool of connections to `url` as Penstock wants them: bounded, impatient, in UTC; `settings` are more of the server's, as in `-c name=value`. */
export function openPool(url: string, max = 10, settings = ""): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: LIMITS.connectMs,
    statement_timeout: LIMITS.statementMs,
    // A server that hangs without dying answers no timeout of its own.
    query_timeout: LIMITS.statementMs + 5_000,
    idle_in_transaction_session_timeout: LIMITS.idleTransactionMs,
    keepAlive: true,
    application_name: "penstock",
    options: `-c timezone=UTC ${settings}`,
  });
  // An idle connection that breaks is replaced at its next use; without a listener it would end the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  pools.add(new WeakRef(pool));
  return pool;
}

const kept = globalThis as { penstockPools?: Set<WeakRef<pg.Pool>> };
const pools = (kept.penstockPools ??= new Set());

/** Connections of this process's pools that somebody is using now. */
export function countBusyConnections(): number {
  let busy = 0;
  for (const reference of pools) {
    const pool = reference.deref();
    if (!pool || pool.ended) pools.delete(reference);
    else busy += pool.totalCount - pool.idleCount;
  }
  return busy;
}

/**
 * Begins the text of a statement that is prepared once a connection, and planned a few times instead of each time: for those
 * that run with every unit or page and have one plan, whatever they are asked for. The text is the same each time, or one of a few.
 */
export const KEPT: Sql = sql`/* kept */`;
const keptNames = new Map<string, string>();

/** The name under which a connection keeps a statement; empty, which is none, for all that are not marked: their texts have no bound. */
function keptName({ sql: text }: { sql: string }): string {
  if (!text.startsWith(KEPT.text)) return "";
  const known = keptNames.get(text) ?? `kept_${keptNames.size}`;
  keptNames.set(text, known);
  return known;
}

/** Opens a client of its own on `url`. Close it with `$disconnect()`. */
export function openDb(url: string, max = 10): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg(openPool(url, max), { disposeExternalPool: true, statementNameGenerator: keptName }) });
}

const held = globalThis as { penstockDb?: PrismaClient };

/**
 * The client of this web process, opened at first use.
 * Kept on `globalThis` because the bundler gives pages and routes copies of this module each.
 */
export function webDb(): PrismaClient {
  if (held.penstockDb) return held.penstockDb;
  const url = parseEnv().DATABASE_URL;
  if (!url) throw new AppError("UNAVAILABLE", "No DATABASE_URL: start the web server with ./penstock start or ./penstock web.");
  held.penstockDb = openDb(url);
  return held.penstockDb;
}
