/** How often somebody may be wrong about a password: counted in the database, so by all web servers together and over restarts. */
import "server-only";
import { createHash } from "node:crypto";
import ipaddr from "ipaddr.js";
import { RateLimiterPostgres, type RateLimiterRes } from "rate-limiter-flexible";
import { openPool } from "#lib/db/client";
import { AppError } from "#lib/errors";

/** The window, in seconds, and what may be wrong in it. */
export const WINDOW_SECONDS = 15 * 60;
export const WRONG_PER_ACCOUNT = 5;
export const WRONG_PER_ADDRESS = 30;

type Limiters = { account: RateLimiterPostgres; address: RateLimiterPostgres };
const kept = globalThis as { penstockLimiters?: Map<string, Limiters> };

function limitersOf(url: string): Limiters {
  const all = (kept.penstockLimiters ??= new Map());
  const known = all.get(url);
  if (known) return known;
  const storeClient = openPool(url, 2);
  const limiter = (keyPrefix: string, points: number) => new RateLimiterPostgres({ storeClient, storeType: "pool", tableName: "rate_limits", tableCreated: true, keyPrefix, points, duration: WINDOW_SECONDS });
  const made = { account: limiter("sign-in-account", WRONG_PER_ACCOUNT), address: limiter("sign-in-address", WRONG_PER_ADDRESS) };
  all.set(url, made);
  return made;
}

/** Fixed in length, and nobody's address in the table. An unknown account counts like a known one. */
const keyOf = (email: string): string => createHash("sha256").update(email.trim().toLowerCase()).digest("base64url");

/** One's address, or of an IPv6 one the half that a provider gives to a customer: the other half is theirs to change at will. */
export function networkOf(ip: string | null): string {
  if (ip === null || !ipaddr.isValid(ip)) return "unknown";
  const address = ipaddr.process(ip);
  return address instanceof ipaddr.IPv6 ? address.parts.slice(0, 4).map((part) => part.toString(16)).join(":") : address.toString();
}

/**
 * Counts a try before it is made, so that many at once count too. Call the result when the password was right: it was no wrong one.
 *
 * @throws AppError TOO_MANY with `retryAfterSeconds`
 */
export async function countTry(url: string, { email, ip }: { email: string; ip: string | null }): Promise<() => Promise<void>> {
  const { account, address } = limitersOf(url);
  const [key, from] = [keyOf(email), networkOf(ip)];
  await consume(address, from, "Too many wrong passwords came from this address.");
  try {
    await consume(account, key, "Too many wrong passwords for this account.");
  } catch (error) {
    // What is refused without a look at the password is no guess from this address.
    await address.reward(from, 1);
    throw error;
  }
  return async () => {
    await Promise.all([account.delete(key), address.reward(from, 1)]);
  };
}

async function consume(limiter: RateLimiterPostgres, key: string, why: string): Promise<void> {
  try {
    await limiter.consume(key, 1);
  } catch (refusal) {
    if (refusal instanceof Error) throw refusal;
    const seconds = Math.ceil((refusal as RateLimiterRes).msBeforeNext / 1_000);
    const minutes = Math.max(1, Math.ceil(seconds / 60));
    throw new AppError("TOO_MANY", `${why} Try again in ${minutes} ${minutes === 1 ? "minute" : "minutes"}; the right password works then.`, { details: { retryAfterSeconds: seconds } });
  }
}
