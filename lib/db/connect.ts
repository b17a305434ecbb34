import pg from "pg";
import type { Env } from "#lib/env";
import { startEmbedded } from "./embedded.ts";
import { migrate } from "./migrate.ts";

export type Connection = { url: string; applied: string[]; embeddedPid: number | null; release(): Promise<void> };

/** How long a child of `./penstock start` waits, in milliseconds: its parent is starting the server again. */
export const DATABASE_PATIENCE_MS = 15_000;

/**
 * A database that is up and migrated: the server of `DATABASE_URL`, else the embedded one, adopted or started.
 * `release` stops an embedded server that this call started, unless somebody else has come to use it meanwhile.
 * A server that is not up yet is waited for `patienceMs`.
 */
export async function connect(env: Env, patienceMs = 0): Promise<Connection> {
  if (env.DATABASE_URL) {
    return { url: env.DATABASE_URL, applied: await migrate(env.DATABASE_URL, patienceMs), embeddedPid: null, release: async () => {} };
  }
  const server = await startEmbedded(env.PENSTOCK_HOME);
  const release = async () => {
    if (!server.wasRunning && !(await hasOthers(server.url))) await server.stop();
  };
  try {
    return { url: server.url, applied: await migrate(server.url), embeddedPid: server.pid, release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function hasOthers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    const { rows: [row] } = await client.query("select count(*)::int as others from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()");
    return row.others > 0;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
