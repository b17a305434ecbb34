import "server-only";
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Env, parseEnv } from "#lib/env";

const kept = globalThis as { penstockSecret?: { home: string; secret: string } };

/** What cookies are signed with: PENSTOCK_SECRET, otherwise made once and kept in the home for this user alone. */
export function authSecret(env: Pick<Env, "PENSTOCK_SECRET" | "PENSTOCK_HOME"> = parseEnv()): string {
  if (env.PENSTOCK_SECRET) return env.PENSTOCK_SECRET;
  const home = env.PENSTOCK_HOME;
  if (kept.penstockSecret?.home !== home) kept.penstockSecret = { home, secret: readOrMake(home) };
  return kept.penstockSecret.secret;
}

function readOrMake(home: string): string {
  const file = join(home, "secret");
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    // Two processes that start at once: one makes it, the other is refused by `wx` and reads.
    writeFileSync(file, randomBytes(32).toString("base64url"), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return readFileSync(file, "utf8").trim();
}

const signature = (value: string, secret: string): string => createHmac("sha256", secret).update(value).digest("base64");

/** `value.signature`, as better-auth writes a signed cookie, before it is escaped for the header. */
export const sign = (value: string, secret: string): string => `${value}.${signature(value, secret)}`;

/** The value of a signed one, or null when it was not signed by us. */
export function unsign(signed: string, secret: string): string | null {
  const dot = signed.lastIndexOf(".");
  if (dot < 1) return null;
  const value = signed.slice(0, dot);
  const [given, right] = [Buffer.from(signed.slice(dot + 1)), Buffer.from(signature(value, secret))];
  return given.length === right.length && timingSafeEqual(given, right) ? value : null;
}
