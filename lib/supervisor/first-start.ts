/** Who lets the first person in: nobody has a password that we chose. */
import pg from "pg";
import type { Env } from "#lib/env";
import { linkPath } from "#lib/people/rules";

/**
 * Where nobody can sign in yet: makes the admin that the environment names, otherwise a one-time link.
 *
 * @returns what to print, or null when there is somebody already
 * @throws AppError INVALID when the environment's password is too weak
 */
export async function firstStart(databaseUrl: string, env: Env, url: string): Promise<string | null> {
  if (await hasPeople(databaseUrl)) return null;
  const [{ openDb }, { createFirstAdmin, FirstAdminInput, makeSetupLink }] = await Promise.all([import("#lib/db/client"), import("#lib/people/mutations")]);
  const db = openDb(databaseUrl, 1);
  const ctx = { db, actor: { kind: "cli", name: "first start" } as const };
  try {
    if (env.PENSTOCK_ADMIN_EMAIL) {
      const id = await createFirstAdmin(ctx, FirstAdminInput.parse({ email: env.PENSTOCK_ADMIN_EMAIL, password: env.PENSTOCK_ADMIN_PASSWORD }));
      return id && `Made the first admin, ${env.PENSTOCK_ADMIN_EMAIL}, with the password of PENSTOCK_ADMIN_PASSWORD.\n`;
    }
    const { token } = await makeSetupLink(ctx);
    return setupText(publicUrl(env, url) + linkPath(token));
  } finally {
    await db.$disconnect();
  }
}

/** By a connection alone: a client holds 20 MB, and nearly every start is not the first. */
async function hasPeople(databaseUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: [row] } = await client.query<{ found: boolean }>("select exists (select from users) as found");
    return row?.found ?? false;
  } finally {
    await client.end();
  }
}

/** The address that people open, rather than where we listen. */
export const publicUrl = ({ PENSTOCK_URL }: Pick<Env, "PENSTOCK_URL">, url: string): string => (PENSTOCK_URL ?? url).replace(/\/+$/, "");

export const setupText = (link: string): string => `Nobody can sign in yet. Open this link to make the first admin; it works once, for 15 minutes:\n  ${link}\nAfter that, ./penstock users setup-link prints a new one.\n`;
