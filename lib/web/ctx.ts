import "server-only";
import { connection } from "next/server";
import { ALL_PERMISSIONS, allow, type Permission } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { webDb } from "#lib/db/client";

/** The `Ctx` of a page. Waits for a request first, so that no page that reads the database is drawn at build time. */
export async function pageCtx(permission?: Permission): Promise<Ctx> {
  await connection();
  const ctx: Ctx = { db: webDb(), actor: { kind: "web", name: "local", may: new Set(ALL_PERMISSIONS) } };
  if (permission) allow(ctx, permission);
  return ctx;
}
