/** What a key may be. Isomorphic. */
/** Live keys that one person may have, and the machine's command line beside them. */
export const MAX_LIVE_KEYS = 50;
export const MAX_EXPIRY_DAYS = 366;
export const DEFAULT_EXPIRY_DAYS = 90;

export const KEY_STATES = ["live", "expired", "revoked"] as const;
export type KeyState = (typeof KEY_STATES)[number];
