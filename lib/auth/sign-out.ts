import "server-only";
import { audit } from "#lib/audit/mutations";
import { findSession } from "./actor.ts";
import { actorOf, type At, endSession, endSessions, type SetCookie, type SignedIn, setSession } from "./session.ts";

/** Ends the session of this browser. The cookie opens nothing from here on, wherever it was copied to. */
export async function signOut(at: At): Promise<SetCookie[]> {
  const signedIn = await findSession(at.db, at.headers);
  await endSession(at);
  if (signedIn) await audit({ db: at.db, actor: actorOf(signedIn, at.headers) }, { action: "session.end", object: `user/${signedIn.email}` });
  return [setSession(null, at.headers)];
}

/** Ends all sessions of whoever is signed in, this one too. */
export async function signOutEverywhere(at: At, signedIn: SignedIn): Promise<SetCookie[]> {
  const sessions = await endSessions(at.db, signedIn.userId);
  await audit({ db: at.db, actor: actorOf(signedIn, at.headers) }, { action: "session.end_all", object: `user/${signedIn.email}`, after: { sessions } });
  return [setSession(null, at.headers)];
}
