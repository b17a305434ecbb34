/** Signing in. Each verb says which cookies are to be set: what sets them is the caller's. */
import "server-only";
import { parseSetCookieHeader, toCookieOptions } from "better-auth/cookies";
import { z } from "zod";
import { audit } from "#lib/audit/mutations";
import type { Actor } from "#lib/ctx";
import { parseEnv } from "#lib/env";
import { AppError } from "#lib/errors";
import { authFor } from "./instance.ts";
import { countTry } from "./limits.ts";
import { type HeaderSource, isSecure, originOf } from "./request.ts";
import { type At, cookieName, endSession, type SetCookie } from "./session.ts";

export const SignInInput = z.object({ email: z.string().trim().toLowerCase().max(254), password: z.string().max(1_000) });
/** `code`: the password was right, and the second factor is wanted. */
export type SignInResult = { step: "done" | "code"; cookies: SetCookie[] };

/**
 * Signs somebody in by their password. Whoever was signed in with this browser is no more.
 *
 * @throws AppError UNAUTHENTICATED, which does not say what was wrong; TOO_MANY; FORBIDDEN when the account is disabled
 */
export async function signIn(at: At, { email, password }: z.output<typeof SignInInput>): Promise<SignInResult> {
  const wasRight = await countTry(databaseUrl(), { email, ip: originOf(at.headers).ip });
  try {
    const { headers, response } = await authFor(at.db, at.headers).api.signInEmail({ body: { email, password }, headers: withoutSession(at.headers), returnHeaders: true });
    await wasRight();
    const cookies = cookiesOf(headers);
    // The answer of the plugin for second factors, which the type of the endpoint does not know.
    if ("twoFactorRedirect" in response) return { step: "code", cookies };
    await endSession(at);
    await note(at, response.user, "session.open");
    return { step: "done", cookies };
  } catch (error) {
    const refusal = refusalOf(error, "The e-mail address or the password is not right.");
    await noteRefusal(at, email, refusal.message);
    throw refusal;
  }
}

export const CodeInput = z.object({ code: z.string().trim().min(1).max(40) });

/** The second step: six digits of the app, or one of the backup codes. @throws AppError UNAUTHENTICATED, TOO_MANY */
export async function verifyCode(at: At, { code }: z.output<typeof CodeInput>): Promise<SignInResult> {
  const { api } = authFor(at.db, at.headers);
  const headers = withoutSession(at.headers);
  try {
    const digits = code.replace(/\s/g, "");
    const answer = /^\d{6}$/.test(digits)
      ? await api.verifyTOTP({ body: { code: digits }, headers, returnHeaders: true })
      : await api.verifyBackupCode({ body: { code }, headers, returnHeaders: true });
    await endSession(at);
    await note(at, answer.response.user, "session.open");
    return { step: "done", cookies: cookiesOf(answer.headers) };
  } catch (error) {
    const refusal = refusalOf(error, "The code is not right, or the sign-in took too long. Type the newest code, or begin again.");
    await noteRefusal(at, "somebody with a second factor", refusal.message);
    throw refusal;
  }
}

/** Cookies that better-auth wants set. */
export const cookiesOf = (headers: Headers): SetCookie[] =>
  [...parseSetCookieHeader(headers.getSetCookie().join(", "))].map(([name, attributes]) => ({ name, value: attributes.value, options: toCookieOptions(attributes) }));

/** The request without the session that it may carry: a sign-in begins from nothing, whatever cookie was planted. */
function withoutSession(headers: HeaderSource & Iterable<[string, string]>): Headers {
  const own = new Headers([...headers]);
  const name = cookieName(isSecure(headers));
  const rest = (own.get("cookie") ?? "").split(";").filter((part) => part.split("=", 1)[0]?.trim() !== name);
  own.set("cookie", rest.join(";"));
  return own;
}

/** What better-auth refuses, in our words; what is no refusal of its is thrown on. */
export function refusalOf(error: unknown, message: string): AppError {
  if (error instanceof AppError) return error;
  const status = error instanceof Error && "statusCode" in error ? Number(error.statusCode) : 0;
  if (status === 429) return new AppError("TOO_MANY", "Too many wrong codes. Try again in 15 minutes.", { details: { retryAfterSeconds: 900 } });
  if (status === 403) return new AppError("FORBIDDEN", "This account is disabled. An admin can enable it again.", { cause: error });
  if (status >= 400 && status < 500) return new AppError("UNAUTHENTICATED", message, { cause: error });
  throw error;
}

/** The database that tries are counted in. */
export function databaseUrl(): string {
  const { DATABASE_URL } = parseEnv();
  if (!DATABASE_URL) throw new AppError("UNAVAILABLE", "No DATABASE_URL: start the web server with ./penstock start or ./penstock web.");
  return DATABASE_URL;
}

/** Writes down who came in. */
export async function note({ db, headers }: At, { id, name, email }: { id: string; name: string; email: string }, action: string): Promise<void> {
  await audit({ db, actor: { kind: "web", name, userId: id, may: new Set(), from: originOf(headers) } }, { action, object: `user/${email}` });
}

/** What was typed is kept as the name of who it was, so that an admin sees whose account is tried. */
export async function noteRefusal({ db, headers }: At, who: string, why: string): Promise<void> {
  const actor: Actor = { kind: "web", name: who || "nobody", may: new Set(), from: originOf(headers) };
  await audit({ db, actor }, { action: "session.denied", object: `user/${who}`, after: { why } });
}
