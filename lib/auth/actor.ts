import "server-only";
import type { Permission } from "#lib/access/rules";
import type { Actor } from "#lib/ctx";
import type { Db } from "#lib/db/client";
import { AppError } from "#lib/errors";
import { resolveKey } from "#lib/keys/queries";
import { type HeaderSource, originOf } from "./request.ts";
import { actorOf, findSignedIn, type SignedIn, sessionToken } from "./session.ts";

/** Who is signed in by the cookie of a request. One query, or none without a cookie of ours. */
export async function findSession(db: Db, headers: HeaderSource): Promise<SignedIn | null> {
  const token = sessionToken(headers);
  return token === null ? null : findSignedIn(db, token);
}

/**
 * Who acts by a request to the API: whose key it brings, otherwise who is signed in.
 *
 * @throws AppError UNAUTHENTICATED
 */
export async function requireActor(db: Db, headers: HeaderSource): Promise<Actor> {
  const authorization = headers.get("authorization");
  const bearer = authorization?.match(/^bearer +(\S+)$/i)?.[1];
  if (bearer) return (await resolveBearer(db, bearer, headers)) ?? refuse("The API key is not known, has expired, or was revoked. Make another one under Settings, API keys.");
  if (authorization) return refuse("Send the API key as Authorization: Bearer followed by the key.");
  const signedIn = await findSession(db, headers);
  return signedIn ? actorOf(signedIn, headers, await hiddenRights(db, signedIn)) : refuse("Sign in first, or send an API key as Authorization: Bearer followed by the key.");
}

function refuse(message: string): never {
  throw new AppError("UNAUTHENTICATED", message);
}

/** Rights of a role that a setting takes away: viewers may see that there are payloads, and not read them. */
export async function hiddenRights(_db: Db, _signedIn: Pick<SignedIn, "role">): Promise<Permission[]> {
  return [];
}

async function resolveBearer(db: Db, token: string, headers: HeaderSource): Promise<Actor | null> {
  const actor = await resolveKey(db, token, (role) => hiddenRights(db, { role }));
  return actor && { ...actor, from: originOf(headers) };
}
