/** The parts of the settings, and who sees which. Pure, isomorphic. */
import type { Permission } from "#lib/access/rules";

/** `needs` null: whoever is signed in. */
export const SETTING_PAGES = [
  { path: "/settings/account", word: "Account", needs: null },
  { path: "/settings/people", word: "People", needs: "people.manage" },
  { path: "/settings/keys", word: "API keys", needs: "keys.make" },
  { path: "/settings/roles", word: "Roles", needs: null },
  { path: "/settings/retention", word: "Retention", needs: "settings.change" },
  { path: "/settings/prices", word: "Prices", needs: "settings.change" },
  { path: "/settings/causes", word: "Known causes", needs: "errors.resolve" },
  { path: "/settings/audit", word: "Audit", needs: "audit.read" },
  { path: "/settings/about", word: "About", needs: "metrics.read" },
] as const satisfies { path: string; word: string; needs: Permission | null }[];

/** How long a prune that a person asked for goes on, in milliseconds; what is left goes at night, or when they ask again. */
export const PRUNE_NOW_MS = 20_000;
