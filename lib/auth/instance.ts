/** better-auth as Penstock uses it: sign-in, second factors and OpenID Connect. Its own routes are not served, but for one (lib/auth/oidc.ts). */
import "server-only";
import { betterAuth } from "better-auth";
import { prismaAdapter } from "better-auth/adapters/prisma";
import { APIError } from "better-auth/api";
import { genericOAuth, twoFactor } from "better-auth/plugins";
import type { PrismaClient } from "#lib/db/client";
import { type Env, parseEnv } from "#lib/env";
import { log } from "#lib/log";
import { freeName } from "#lib/people/queries";
import { hashPassword, MAX_PASSWORD, MIN_PASSWORD, verifyPassword } from "./password.ts";
import { type HeaderSource, IP_HEADER, isSecure, publicOrigin } from "./request.ts";
import { authSecret } from "./secret.ts";
import { cookieName, SESSION_ABSOLUTE_MS } from "./session.ts";

export const OIDC = "oidc";

type Auth = ReturnType<typeof make>;
const kept = globalThis as { penstockAuth?: WeakMap<PrismaClient, Map<string, Auth>> };

/** The instance for the address by which a request came: cookies and redirects follow it. Made at first use. */
export function authFor(db: PrismaClient, headers: HeaderSource): Auth {
  kept.penstockAuth ??= new WeakMap();
  const byOrigin = kept.penstockAuth.get(db) ?? new Map<string, Auth>();
  kept.penstockAuth.set(db, byOrigin);
  const origin = publicOrigin(headers);
  const key = `${origin} ${isSecure(headers)}`;
  const known = byOrigin.get(key);
  if (known) return known;
  // The Host header is the client's to choose: a few are kept, not all that were ever sent.
  if (byOrigin.size > 20) byOrigin.clear();
  const made = make(db, origin, isSecure(headers), parseEnv());
  byOrigin.set(key, made);
  return made;
}

function make(db: PrismaClient, origin: string, secure: boolean, env: Env) {
  const name = cookieName(secure);
  const cookie = (suffix: string) => ({ name: `${name}-${suffix}`, attributes: { secure, httpOnly: true, sameSite: "lax" as const, path: "/" } });
  return betterAuth({
    appName: "Penstock",
    baseURL: origin,
    basePath: "/api/auth",
    secret: authSecret(env),
    database: prismaAdapter(db, { provider: "postgresql" }),
    telemetry: { enabled: false },
    // Ours counts, in the database: this one keeps its counts in memory and does not see calls from our own verbs.
    rateLimit: { enabled: false },
    logger: { level: "error", log: (_level, message) => log.error(`Sign-in: ${message}`) },
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: MIN_PASSWORD, maxPasswordLength: MAX_PASSWORD, password: { hash: hashPassword, verify: ({ hash, password }) => verifyPassword(hash, password) } },
    session: { expiresIn: SESSION_ABSOLUTE_MS / 1_000, disableSessionRefresh: true, freshAge: 0, cookieCache: { enabled: false } },
    user: { additionalFields: { role: { type: "string", input: false, defaultValue: env.PENSTOCK_OIDC_ROLE }, disabledAt: { type: "date", input: false, required: false }, lastSignInAt: { type: "date", input: false, required: false } } },
    // A provider that says an address is somebody's, verified, may sign that person in.
    account: { modelName: "signInAccount", encryptOAuthTokens: true, accountLinking: { enabled: true } },
    advanced: {
      useSecureCookies: false,
      cookiePrefix: name,
      defaultCookieAttributes: { secure, httpOnly: true, sameSite: "lax", path: "/" },
      cookies: { session_token: { ...cookie("session"), name }, two_factor: cookie("second-step"), trust_device: cookie("device"), state: cookie("oidc") },
      ipAddress: { ipAddressHeaders: [IP_HEADER] },
    },
    databaseHooks: {
      user: {
        create: {
          // Whom a provider sends cannot choose another name here: the address, which nobody else has, tells the two apart.
          before: async (person) => ({ data: { ...person, name: await freeName(db, person) } }),
        },
      },
      session: {
        create: {
          // However somebody came this far: a disabled person gets no session.
          before: async ({ userId }) => {
            const person = await db.user.findUnique({ where: { id: userId }, select: { disabledAt: true } });
            if (!person || person.disabledAt) throw new APIError("FORBIDDEN", { message: "disabled" });
          },
          after: async ({ userId }) => {
            await db.user.update({ where: { id: userId }, data: { lastSignInAt: new Date() } });
          },
        },
      },
    },
    plugins: [twoFactor({ issuer: "Penstock", twoFactorCookieMaxAge: 600 }), ...oidcOf(env)],
  });
}

function oidcOf({ PENSTOCK_OIDC_ISSUER, PENSTOCK_OIDC_CLIENT_ID, PENSTOCK_OIDC_CLIENT_SECRET }: Env) {
  const isSet = PENSTOCK_OIDC_ISSUER !== undefined && PENSTOCK_OIDC_CLIENT_ID !== undefined;
  const provider = {
    providerId: OIDC,
    discoveryUrl: `${PENSTOCK_OIDC_ISSUER?.replace(/\/$/, "")}/.well-known/openid-configuration`,
    clientId: PENSTOCK_OIDC_CLIENT_ID ?? "",
    clientSecret: PENSTOCK_OIDC_CLIENT_SECRET,
    scopes: ["openid", "email", "profile"],
    pkce: true,
    requireIdTokenVerification: true,
  };
  return [genericOAuth({ config: isSet ? [provider] : [] })];
}
