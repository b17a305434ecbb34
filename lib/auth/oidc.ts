/** Sign-in by an OpenID Connect provider, when the environment names one. */
import "server-only";
import type { PrismaClient } from "#lib/db/client";
import { parseEnv } from "#lib/env";
import { AppError } from "#lib/errors";
import { authFor, OIDC } from "./instance.ts";
import type { At, SetCookie } from "./session.ts";
import { cookiesOf, refusalOf } from "./sign-in.ts";

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
export const finishOidc = (db: PrismaClient, request: Request): Promise<Response> => authFor(db, request.headers).handler(request);
