import "server-only";
import { headers } from "next/headers";
import { connection } from "next/server";
import { ALL_PERMISSIONS } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import { webDb } from "#lib/db/client";

/** The `Ctx` of a page. Waits for a request first, so that no page that reads the database is drawn at build time. */
export async function pageCtx(): Promise<Ctx> {
  await connection();
  return { db: webDb(), actor: { kind: "web", name: "local", may: new Set(ALL_PERMISSIONS) } };
}

/** What scripts and styles of this page must carry (`lib/web/headers.ts`); to ask for it makes the page one that is drawn for each request. */
export async function pageNonce(): Promise<string | undefined> {
  return (await headers()).get("x-nonce") ?? undefined;
}
