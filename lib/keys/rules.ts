/** What a key's token looks like, and what a key may. */
import { createHash, randomBytes, randomInt, timingSafeEqual } from "node:crypto";
import { type Permission, PERMISSIONS_OF, type Rights, ROLES, type Role } from "#lib/access/rules";

/** No letters that are taken for digits: ids are read aloud and typed. */
const ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
const ID_LENGTH = 12;
/** Of the secret, in bytes. At 256 bits a plain hash is enough: there is nothing to guess (ASVS 5, 6.5.2). */
const SECRET_BYTES = 32;
const TOKEN = /^pk_([a-z0-9]{12})_([A-Za-z0-9_-]{43})$/;

export type NewToken = { id: string; token: string; hash: Uint8Array<ArrayBuffer> };

/** A token that nobody has had: `pk_<id>_<secret>`. Random by the system's generator. */
export function newToken(): NewToken {
  const id = Array.from({ length: ID_LENGTH }, () => ID_LETTERS[randomInt(ID_LETTERS.length)]).join("");
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  return { id, token: `pk_${id}_${secret}`, hash: hashOf(secret) };
}

/** The two halves of a token; null for what is none. */
export function readToken(token: string): { id: string; secret: string } | null {
  const [, id, secret] = TOKEN.exec(token) ?? [];
  return id && secret ? { id, secret } : null;
}

export const hashOf = (secret: string): Uint8Array<ArrayBuffer> => new Uint8Array(createHash("sha256").update(secret).digest());

/** In the same time, wherever the two differ. */
export const isHashOf = (hash: Uint8Array, secret: string): boolean => hash.byteLength === 32 && timingSafeEqual(hash, hashOf(secret));

const isRole = (text: string): text is Role => ROLES.some((role) => role === text);

/**
 * What a key may now: its role's permissions, of those only its own, and of those only what its owner may at this moment.
 * What is unknown grants nothing: a role or permission of a later version, say. Whoever may do something to runs may see them:
 * what is answered to an act are the runs it was done to.
 *
 * @param owner the role of whose key it is; null for one that the machine's command line made
 */
export function rightsOf({ role, permissions }: { role: string; permissions: readonly string[] | null }, owner: { role: string } | null): Rights {
  const own: readonly Permission[] = isRole(role) ? PERMISSIONS_OF[role] : [];
  const bound: readonly Permission[] = owner === null ? own : isRole(owner.role) ? PERMISSIONS_OF[owner.role] : [];
  const isGiven = (one: Permission) => permissions === null || permissions.includes(one) || (one === "runs.read" && permissions.some((given) => given.startsWith("runs.")));
  return new Set(own.filter((one) => bound.includes(one) && isGiven(one)));
}
