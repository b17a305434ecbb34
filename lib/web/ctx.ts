import "server-only";
import { connection } from "next/server";
import { ALL_PERMISSIONS } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { webDb } from "#lib/db/client";

/** The `Ctx` of a page. Waits for a request first, so that no page that reads the database is drawn at build time. */
export async function pageCtx(): Promise<Ctx> {
  await connection();
  return { db: webDb(), actor: { kind: "web", name: "local", may: new Set(ALL_PERMISSIONS) } };
}
