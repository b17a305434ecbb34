import "server-only";
import type { Route } from "next";
import { headers } from "next/headers";
import { forbidden, redirect } from "next/navigation";
import { connection } from "next/server";
import { cache } from "react";
import { ALL_PERMISSIONS, allow, can, type Permission } from "#lib/access/rules";
import { withDenials } from "#lib/api/denials";
import { toAppError } from "#lib/api/problem";
import { findSession, hiddenRights } from "#lib/auth/actor";
import { signInPath } from "#lib/auth/next";
import { PATH_HEADER } from "#lib/auth/request";
import { actorOf, type SignedIn } from "#lib/auth/session";
import type { Actor, Ctx } from "#lib/ctx";
import { webDb } from "#lib/db/client";

type Somebody = { signedIn: SignedIn; actor: Actor };

/** Who asks for this page, found out once however many parts of it ask. Waits for a request first, so that nothing is drawn at build time. */
const findSomebody = cache(async (): Promise<Somebody | null> => {
  await connection();
  const given = await headers();
  const db = webDb();
  const signedIn = await findSession(db, given);
  return signedIn && { signedIn, actor: actorOf(signedIn, given, await hiddenRights(db, signedIn)) };
});

/** The `Ctx` of a page. Whoever is not signed in goes to do so, and comes back; whoever lacks `permission` is told so. */
export async function pageCtx(permission?: Permission): Promise<Ctx> {
  const { actor } = await requireSomebody();
  const ctx: Ctx = { db: webDb(), actor };
  // Written down as at the other doors: an address that was typed is an attempt, too.
  if (permission && !can(actor, permission)) {
    await withDenials(ctx, async () => allow(ctx, permission)).catch(() => {});
    forbidden();
  }
  return ctx;
}

/** Who is signed in, for what is about themselves. */
export const requireSignedIn = async (): Promise<SignedIn> => (await requireSomebody()).signedIn;

/**
 * Whom the shell of the pages is for. While the database is away nobody can be told from anybody: then the shell stands, with
 * nothing offered in it, around a page that says what is wrong.
 */
export async function consolePerson(): Promise<{ name: string; role: string; may: Permission[] }> {
  const found = await findSomebody().catch((error) => {
    if (toAppError(error)?.code === "UNAVAILABLE") return "away" as const;
    throw error;
  });
  if (found === "away") return { name: "Not known while the database is away", role: "", may: [] };
  const { signedIn, actor } = found ?? (await requireSomebody());
  return { name: signedIn.name, role: signedIn.role, may: ALL_PERMISSIONS.filter((permission) => can(actor, permission)) };
}

async function requireSomebody(): Promise<Somebody> {
  const somebody = await findSomebody();
  if (somebody) return somebody;
  redirect(signInPath((await headers()).get(PATH_HEADER)) as Route);
}

/** The same for an action: null when nobody is. */
export const findSignedInHere = async (): Promise<SignedIn | null> => (await findSomebody())?.signedIn ?? null;

/** The `Ctx` of an action: null when nobody is signed in. */
export async function actionCtx(): Promise<Ctx | null> {
  const somebody = await findSomebody();
  return somebody && { db: webDb(), actor: somebody.actor };
}

/** What scripts and styles of this page must carry (`lib/web/headers.ts`); to ask for it makes the page one that is drawn for each request. */
export async function pageNonce(): Promise<string | undefined> {
  return (await headers()).get("x-nonce") ?? undefined;
}
