/** Sign-in by an OpenID Connect provider, when the environment names one. */
import "server-only";
import type { PrismaClient } from "#lib/db/client";
import { parseEnv } from "#lib/env";
import { AppError } from "#lib/errors";
import { authFor, OIDC } from "./instance.ts";
import { isSecure, publicOrigin } from "./request.ts";
import { authSecret, unsign } from "./secret.ts";
import { type At, cookieName, endSession, findSignedIn, type SetCookie } from "./session.ts";
import { cookiesOf, note, noteRefusal, refusalOf } from "./sign-in.ts";

export const hasProvider = (): boolean => parseEnv().PENSTOCK_OIDC_ISSUER !== undefined;

/** Begins a sign-in: where to send the browser, with the cookie that binds the answer to it. @throws AppError UNAVAILABLE */
export async function beginOidc({ db, headers }: At, next: string): Promise<{ url: string; cookies: SetCookie[] }> {
  if (!hasProvider()) throw new AppError("NOT_FOUND", "No OpenID Connect provider is set up. Set PENSTOCK_OIDC_ISSUER.");
  try {
    const body = { provider: OIDC, callbackURL: next, errorCallbackURL: "/sign-in?refused=1", disableRedirect: true };
    const answer = await authFor(db, headers).api.signInSocial({ body, headers, returnHeaders: true });
    if (!answer.response.url) throw new AppError("UNAVAILABLE", "The provider gave no address to sign in at.");
    return { url: answer.response.url, cookies: cookiesOf(answer.headers) };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("UNAVAILABLE", refusalOf(error, "The provider cannot be reached, or is not set up right. The log of the server has more.").message, { cause: error });
  }
}

/** Where the provider sends the browser back to: the only one of better-auth's own routes that is served. */
export async function finishOidc(db: PrismaClient, request: Request): Promise<Response> {
  const at = { db, headers: new Headers(request.headers) };
  const answer = await authFor(db, at.headers).handler(request);
  const name = cookieName(isSecure(at.headers));
  const session = cookiesOf(answer.headers).find((cookie) => cookie.name === name && cookie.value !== "");
  const token = session && unsign(session.value, authSecret());
  const signedIn = token ? await findSignedIn(db, token) : null;
  if (!signedIn) {
    await noteRefusal(at, "somebody of the provider", new URL(answer.headers.get("location") ?? "/", publicOrigin(at.headers)).searchParams.get("error") ?? `status ${answer.status}`);
    return new Response(null, { status: 303, headers: { Location: `${publicOrigin(at.headers)}/sign-in?refused=1` } });
  }
  await endSession(at);
  await note(at, { id: signedIn.userId, name: signedIn.name, email: signedIn.email }, "session.open");
  return answer;
}
