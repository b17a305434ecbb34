import "server-only";
import { headers } from "next/headers";
import { forbidden, redirect } from "next/navigation";
import { connection } from "next/server";
import { cache } from "react";
import { can, type Permission } from "#lib/access/rules";
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
  if (permission && !can(actor, permission)) forbidden();
  return { db: webDb(), actor };
}

/** Who is signed in, for what is about themselves. */
export const requireSignedIn = async (): Promise<SignedIn> => (await requireSomebody()).signedIn;

async function requireSomebody(): Promise<Somebody> {
  const somebody = await findSomebody();
  if (somebody) return somebody;
  redirect(signInPath((await headers()).get(PATH_HEADER)));
}

/** The `Ctx` of an action: null when nobody is signed in. */
export async function actionCtx(): Promise<Ctx | null> {
  const somebody = await findSomebody();
  return somebody && { db: webDb(), actor: somebody.actor };
}
