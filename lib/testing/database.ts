/** A database of one's own for a test file: a clone of the migrated template, dropped afterwards. */
import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import type { Ctx } from "#lib/ctx";
import { openDb, type PrismaClient } from "#lib/db/client";

export type TestDatabase = { url: string; db: PrismaClient; ctx: Ctx; drop(): Promise<void> };

/** Call in `beforeAll`, and `drop` in `afterAll`. */
export async function cloneDatabase(): Promise<TestDatabase> {
  const template = inject("postgresUrl");
  const name = `test_${randomBytes(6).toString("hex")}`;
  const admin = template.replace(/\/[^/]*$/, "/postgres");
  await withAdmin(admin, (client) => client.query(`create database ${name} template penstock`));
  const url = template.replace(/\/[^/]*$/, `/${name}`);
  const db = openDb(url);
  return {
    url,
    db,
    ctx: { db, actor: { kind: "cli", name: "test" } },
    drop: async () => {
      await db.$disconnect();
      await withAdmin(admin, (client) => client.query(`drop database ${name} with (force)`));
    },
  };
}

/** One connection at a time may clone the template, so test files take turns. */
async function withAdmin(url: string, fn: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock(7331002)");
    await fn(client);
  } finally {
    await client.end();
  }
}
