/** How people are called, and one-time links: what each is for, and for how long. Isomorphic. */
import { AppError } from "#lib/errors";

export const LINK_KINDS = ["setup", "invite", "reset"] as const;
export type LinkKind = (typeof LINK_KINDS)[number];

/** How long a link may lie around unused, in milliseconds. The first admin's is for whoever reads the terminal now. */
export const LINK_LIFE_MS: Record<LinkKind, number> = { setup: 15 * 60_000, invite: 72 * 3_600_000, reset: 24 * 3_600_000 };

/** The page that a link opens. */
export const linkPath = (token: string): string => `/setup/${token}`;

/** How somebody is called until they say so themselves: what stands before the @, its words with capitals. */
export function nameFrom(email: string): string {
  const words = (email.split("@")[0] ?? "").split(/[._+-]+/).filter(Boolean);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(" ").slice(0, 100) || email.slice(0, 100);
}

/**
 * For `catch` on a statement that names a person or a key: says so when the database keeps that name for another. Runs and the
 * audit log go by names, so it stays taken when its person is disabled, or its key revoked.
 *
 * @throws AppError CONFLICT
 */
export const refuseTakenName = (name: string) => (error: unknown): never => {
  if (!String(error).includes("actor_names_pkey") && !/the name .* is taken/s.test(String(error))) throw error;
  throw new AppError("CONFLICT", `Another person or key is called ${name}, or was. Choose another name.`, { faults: [{ path: "name", message: "is taken" }] });
};

/** A browser and its system, as far as its user agent gives them away. */
export function describeBrowser(userAgent: string | null): string {
  const find = (names: readonly (readonly [RegExp, string])[]) => names.find(([pattern]) => pattern.test(userAgent ?? ""))?.[1];
  const browser = find([[/Edg\//, "Edge"], [/OPR\//, "Opera"], [/Firefox\//, "Firefox"], [/Chrom(e|ium)\//, "Chrome"], [/Safari\//, "Safari"]]);
  const system = find([[/iPhone|iPad/, "iOS"], [/Android/, "Android"], [/Windows/, "Windows"], [/Mac OS X/, "macOS"], [/Linux/, "Linux"]]);
  return browser && system ? `${browser} on ${system}` : (browser ?? system ?? "Another program");
}
