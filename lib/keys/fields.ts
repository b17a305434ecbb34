/** What a key may be. Isomorphic. */
import { z } from "zod";
import { ALL_PERMISSIONS, type Permission, ROLES } from "#lib/access/rules";

/** Live keys that one person may have, and the machine's command line beside them. */
export const MAX_LIVE_KEYS = 50;
export const MAX_EXPIRY_DAYS = 366;
export const DEFAULT_EXPIRY_DAYS = 90;

export const KEY_STATES = ["live", "expired", "revoked"] as const;
export type KeyState = (typeof KEY_STATES)[number];

export const KeyName = z
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

/** What a list of keys is asked with over REST. */
export const KeysRequest = z.strictObject({ ended: z.stringbool({ error: "is true or false" }).default(false) });

export const RevokeKeyInput = z.strictObject({ id: KeyId });
export type RevokeKeyInput = z.input<typeof RevokeKeyInput>;

export const ListKeysInput = z.strictObject({ /** Also those that have expired or were revoked. */ ended: z.boolean().default(false) });
export type ListKeysInput = z.input<typeof ListKeysInput>;
