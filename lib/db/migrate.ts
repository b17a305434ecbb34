import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runMigrations } from "graphile-worker";
import pg from "pg";
import type { Db } from "#lib/db/client";
import { AppError, messageOf } from "#lib/errors";
import { log } from "#lib/log";
import { ROOT } from "#lib/root";

const MIGRATIONS_DIR = join(ROOT, "prisma/migrations");
const SCHEMA_DIR = join(ROOT, "prisma/schema");
/** Key of the advisory lock around migrating, so that two replicas that start together take turns. Any fixed number. */
const MIGRATION_LOCK = 7_331_001;
/** The oldest PostgreSQL that has all we use (`nulls not distinct`, `merge`, `xid8` operators). */
const MIN_SERVER_VERSION = 150_000;

/**
 * Brings the database at `url` up to this version of Penstock: our tables, then Graphile Worker's.
 * Returns the names of what was applied; nothing to do costs one query or two. A server that nobody listens for, or that starts or ends just now, is waited for `patienceMs`.
 *
 * @throws AppError UNAVAILABLE when the server cannot be reached, is too old, or a migration failed.
 */
export async function migrate(url: string, patienceMs = 0): Promise<string[]> {
  const client = await reach(url, performance.now() + patienceMs);
  try {
    const { rows: [server] } = await client.query<{ number: number; name: string }>("select current_setting('server_version_num')::int as number, current_setting('server_version') as name");
    if (server && server.number < MIN_SERVER_VERSION) throw new AppError("UNAVAILABLE", `PostgreSQL ${server.name} is too old; Penstock needs 15 or newer.`);
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    return await migrateLocked(client, url);
  } finally {
    await client.end().catch(() => {});
  }
}

const REACH_AGAIN_MS = 50;
/** Nobody listens, or the server is in the middle of starting, of ending, or of recovering from a crash. */
const NOT_YET = new Set(["ECONNREFUSED", "ECONNRESET", "57P01", "57P02", "57P03"]);

async function reach(url: string, deadline: number): Promise<pg.Client> {
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, application_name: "penstock migrate" });
    client.on("error", () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      if (performance.now() > deadline || !NOT_YET.has((error as { code?: string }).code ?? "")) throw unreachable(url, error);
      await sleep(REACH_AGAIN_MS);
    }
  }
}

async function migrateLocked(client: pg.Client, url: string): Promise<string[]> {
  const [known, applied] = await Promise.all([listKnown(), listApplied(client)]);
  const unknown = [...applied].find((name) => !known.includes(name));
  if (unknown) throw new AppError("UNAVAILABLE", `The database is newer than this program: it has the migration ${unknown}. Update Penstock, or use another database.`);

  const pending = known.filter((name) => !applied.has(name));
  try {
    if (pending.length > 0) {
      const { applyMigrations, readMigrations, readSchema } = await import("./schema-engine.ts");
      await applyMigrations(url, await readSchema(SCHEMA_DIR), MIGRATIONS_DIR, await readMigrations(MIGRATIONS_DIR));
    }
    await runMigrations({ connectionString: url, logger: await quietLogger() });
  } catch (error) {
    throw new AppError("UNAVAILABLE", `The database could not be migrated: ${messageOf(error)}`, { cause: error });
  }
  return pending;
}

/** Migrations of this version that the database has not got. One query, and a look into a folder. */
export async function listMissingMigrations(db: Db): Promise<string[]> {
  const [known, applied] = await Promise.all([
    listKnown(),
    db.$queryRaw<{ name: string }[]>`select migration_name as name from _prisma_migrations where finished_at is not null and rolled_back_at is null`,
  ]);
  const has = new Set(applied.map(({ name }) => name));
  return known.filter((name) => !has.has(name));
}

async function listKnown(): Promise<string[]> {
  const entries = await readdir(MIGRATIONS_DIR, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name).toSorted();
}

async function listApplied(client: pg.Client): Promise<Set<string>> {
  const { rows: [found] } = await client.query("select to_regclass('_prisma_migrations') is not null as there");
  if (!found.there) return new Set();
  // A script is one implicit transaction: one that was begun and not finished (we were killed, it failed) has left nothing.
  await client.query("delete from _prisma_migrations where finished_at is null and rolled_back_at is null");
  const { rows } = await client.query("select migration_name from _prisma_migrations where finished_at is not null and rolled_back_at is null");
  return new Set(rows.map((row) => row.migration_name));
}

export async function quietLogger() {
  const { Logger } = await import("graphile-worker");
  return new Logger(() => (level, message) => {
    if (level === "error") log.error(message);
  });
}

/** What stands between us and the server, with the password left out. */
function unreachable(url: string, cause: unknown): AppError {
  const { hostname, port, pathname } = new URL(url);
  const code = (cause as { code?: string }).code;
  const where = `${hostname}:${port || 5432}`;
  const because =
    code === "28P01" || code === "28000" ? `it refuses the user or the password` :
    code === "3D000" ? `it has no database named ${pathname.slice(1)}; create it first` :
    code === "ECONNREFUSED" ? `nothing listens there` :
    code === "ENOTFOUND" || code === "EAI_AGAIN" ? `the host ${hostname} is not known` :
    messageOf(cause);
  return new AppError("UNAVAILABLE", `PostgreSQL at ${where} cannot be used: ${because}. Check DATABASE_URL.`, { cause });
}
