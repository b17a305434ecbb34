import { z } from "zod";
import { ALL_PERMISSIONS, allow, can, type Permission, PERMISSIONS, ROLES } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { type Ctx, inTransaction } from "#lib/ctx";
import { type Db, sql } from "#lib/db/client";
import { storable } from "#lib/db/storable";
import { AppError } from "#lib/errors";
import { refuseTakenName } from "#lib/people/rules";
import { DEFAULT_EXPIRY_DAYS, MAX_EXPIRY_DAYS, MAX_LIVE_KEYS } from "./fields.ts";
import { reach } from "./queries.ts";
import { newToken, rightsOf } from "./rules.ts";

const KeyName = z
  .string()
  .trim()
  .min(1, { error: "Give it a name, such as what will use it." })
  .max(100, { error: "A name has 100 characters at most." })
  .refine((text) => !/\p{Cc}/u.test(text) && text.isWellFormed(), { error: "A name must not hold control characters." });

export const KeyId = z.string().regex(/^[a-z0-9]{12}$/, { error: "A key's id has twelve letters and digits, as in the list of keys." });

/** What a key is asked for with. */
export const MakeKeyInput = z.strictObject({
  name: KeyName,
  role: z.enum(ROLES),
  /** Of the role's permissions only these; null for all of them, also those that the role will be given later. */
  permissions: z
    .array(z.enum(ALL_PERMISSIONS as [Permission, ...Permission[]]))
    .min(1, { error: "Choose at least one." })
    .max(ALL_PERMISSIONS.length)
    .transform((list) => [...new Set(list)])
    .nullable()
    .default(null),
  expiresInDays: z
    .int({ error: `A key lasts for 1 to ${MAX_EXPIRY_DAYS} days.` })
    .min(1, { error: "A key lasts for a day at least." })
    .max(MAX_EXPIRY_DAYS, { error: `A key lasts for ${MAX_EXPIRY_DAYS} days at most.` })
    .default(DEFAULT_EXPIRY_DAYS),
});
export type MakeKeyInput = z.input<typeof MakeKeyInput>;

export const RevokeKeyInput = z.strictObject({ id: KeyId });
export type RevokeKeyInput = z.input<typeof RevokeKeyInput>;

/** `token` is told this once: nothing keeps it. */
export type MadeKey = { id: string; name: string; token: string; expiresAt: Date };

/**
 * Makes a key for the asker. It may no more than they: now, and whenever they may less. One that is made with a key ends
 * no later than that one.
 *
 * @throws AppError FORBIDDEN when the key would do what its maker may not; MISMATCH for permissions that the role has not
 *   got, and when the maker has as many keys as one may
 */
export function makeKey(ctx: Ctx, input: MakeKeyInput): Promise<MadeKey> {
  allow(ctx, "keys.make");
  const { name, role, permissions, expiresInDays } = MakeKeyInput.parse(input);
  const wanted = rightsOf({ role, permissions }, null);
  const foreign = permissions?.filter((one) => !wanted.has(one)) ?? [];
  if (foreign.length > 0) {
    throw new AppError("MISMATCH", `The role ${role} has not got ${foreign.join(", ")}. Leave it out, or choose a higher role.`, { faults: [{ path: "permissions", message: `${foreign.join(", ")} is not of the role ${role}` }] });
  }
  const maker = "may" in ctx.actor ? ctx.actor : null;
  const missing = maker ? [...wanted].filter((one) => !maker.may.has(one)) : [];
  if (maker && missing[0]) {
    const what = missing.length === 1 ? "" : `, and ${missing.length - 1} more such`;
    throw new AppError("FORBIDDEN", `${maker.name} may not ${PERMISSIONS[missing[0]]}${what}, so no key of theirs may. Choose a lower role, or fewer permissions.`, { details: { permissions: missing } });
  }
  const userId = maker?.userId ?? null;
  const madeWithId = maker?.keyId ?? null;
  return inTransaction(ctx, async (tx) => {
    await lockKeysOf(tx.db, userId);
    if (madeWithId !== null && (await tx.db.$queryRaw<[]>`select 1 from api_keys where id = ${madeWithId} and revoked_at is null`).length === 0) {
      throw new AppError("UNAUTHENTICATED", "The key that asks was revoked a moment ago. Sign in with another.");
    }
    const [{ live } = { live: 0 }] = await tx.db.$queryRaw<{ live: number }[]>`
      select count(*)::int live from api_keys where user_id is not distinct from ${userId} and revoked_at is null and expires_at > clock_timestamp()`;
    if (live >= MAX_LIVE_KEYS) throw new AppError("MISMATCH", `There are ${MAX_LIVE_KEYS} live keys of ${userId === null ? "this machine" : "yours"}, the most that there may be. Revoke one first.`);
    const { id, token, hash } = newToken();
    const end = sql`clock_timestamp() + make_interval(days => ${expiresInDays})`;
    const [made] = await tx.db.$queryRaw<{ expiresAt: Date }[]>`
      insert into api_keys (id, name, user_id, role, permissions, hash, made_with_id, created_by, expires_at)
      values (${id}, ${name}, ${userId}, ${role}, ${permissions}::text[], ${hash}, ${madeWithId}, ${storable(tx.actor.name).slice(0, 200)},
              least(${end}, (select expires_at from api_keys where id = ${madeWithId})))
      returning expires_at "expiresAt"`.catch(refuseTakenName(name));
    if (!made) throw new Error(`key ${id} was not written`);
    await audit(tx, { action: "key.make", object: `key/${id}`, after: { name, role, permissions, expiresAt: made.expiresAt } });
    return { id, name, token, expiresAt: made.expiresAt };
  });
}

/** `false` when it was revoked already. */
export type RevokeKeyResult = { ok: boolean };

/**
 * Ends a key at once, and the keys that were made with it: one's own, or anybody's for whoever manages them.
 *
 * @throws AppError NOT_FOUND when there is none of this id that the asker may see
 */
export function revokeKey(ctx: Ctx, input: RevokeKeyInput): Promise<RevokeKeyResult> {
  if (!can(ctx.actor, "keys.manage")) allow(ctx, "keys.make");
  const { id } = RevokeKeyInput.parse(input);
  return inTransaction(ctx, async (tx) => {
    const [key] = await tx.db.$queryRaw<{ userId: string | null }[]>`select k.user_id "userId" from api_keys k where k.id = ${id} and ${reach(tx.actor)}`;
    if (!key) throw new AppError("NOT_FOUND", `There is no key ${id}, or it is not yours.`);
    await lockKeysOf(tx.db, key.userId);
    const ended = await tx.db.$queryRaw<{ id: string; name: string }[]>`
      with recursive family as (
        select id from api_keys where id = ${id}
        union select k.id from api_keys k join family f on k.made_with_id = f.id
      )
      update api_keys set revoked_at = clock_timestamp() where id in (select id from family) and revoked_at is null returning id, name`;
    for (const { id, name } of ended) await audit(tx, { action: "key.revoke", object: `key/${id}`, before: { name } });
    return { ok: ended.some((one) => one.id === id) };
  });
}

/** One change at a time to somebody's keys: their count is that of what is written, and no key slips out from under its maker's end. */
async function lockKeysOf(db: Db, userId: string | null): Promise<void> {
  await db.$queryRaw`select pg_advisory_xact_lock(hashtextextended(${`keys/${userId ?? ""}`}, 0))::text`;
}
