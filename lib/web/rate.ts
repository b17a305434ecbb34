import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { AppError } from "#lib/errors";
import { LIMITS } from "#lib/limits";

/** What may come at once after a pause, in seconds' worth: a page with many links asks for many of them together. */
const BURST_SECONDS = 3;
/** More than these are not told apart; the one that was heard of longest ago is forgotten. */
const MAX_BUCKETS = 20_000;

/** `remaining`: requests that would pass now. `waitMs`: until one does, 0 when this one did. */
export type Taken = { limit: number; remaining: number; waitMs: number };

/** Requests in flow: each name may take `perSecond` on average, and what it did not take for some seconds at once. */
export class RateLimiter {
  readonly #perSecond: number;
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** @param nowMs of a clock that only goes forward */
  take(name: string, nowMs: number): Taken {
    const capacity = this.#perSecond * BURST_SECONDS;
    const before = this.#buckets.get(name) ?? { tokens: capacity, atMs: nowMs };
    const tokens = Math.min(capacity, before.tokens + ((nowMs - before.atMs) / 1_000) * this.#perSecond);
    const passes = tokens >= 1;
    const left = passes ? tokens - 1 : tokens;
    // Set anew, so that the first of the map is the one not heard of for longest.
    this.#buckets.delete(name);
    this.#buckets.set(name, { tokens: left, atMs: nowMs });
    if (this.#buckets.size > MAX_BUCKETS) this.#buckets.delete(this.#buckets.keys().next().value ?? "");
    return { limit: this.#perSecond, remaining: Math.floor(left), waitMs: passes ? 0 : Math.ceil(((1 - left) / this.#perSecond) * 1_000) };
  }
}

/**
 * The limits of a server: each person, key or signed-out address by itself, and each address whoever it says it is.
 *
 * `address` is where the request comes from, as clientIp (lib/auth/request.ts) tells.
 */
export function limitRates(perSecond: number): (request: IncomingMessage, address: string, nowMs?: number) => Taken | null {
  if (perSecond === 0) return () => null;
  const each = new RateLimiter(perSecond);
  const addresses = new RateLimiter(perSecond * LIMITS.addressFactor);
  return (request, address, nowMs = performance.now()) => {
    if (request.url?.startsWith("/_next/static/")) return null;
    const whole = addresses.take(address, nowMs);
    if (whole.waitMs > 0) return whole;
    return each.take(credentialOf(request.headers) ?? address, nowMs);
  };
}

/** A name for the key or session that a request carries, whether it is a valid one or not; null for neither. */
function credentialOf({ authorization, cookie }: IncomingMessage["headers"]): string | null {
  const session = /(?:^|;\s*)(?:__Host-)?penstock=([^;]{8,})/.exec(cookie ?? "")?.[1];
  const credential = authorization ?? session;
  return credential ? createHash("sha256").update(credential).digest("base64") : null;
}

/** As other programs read it, whether it passed or not. */
export function rateHeaders({ limit, remaining, waitMs }: Taken): Record<string, string> {
  const seconds = String(Math.max(1, Math.ceil(waitMs / 1_000)));
  return { "RateLimit-Limit": String(limit), "RateLimit-Remaining": String(remaining), "RateLimit-Reset": seconds, ...(waitMs > 0 && { "Retry-After": seconds }) };
}

export const tooFast = ({ limit }: Taken): AppError =>
  new AppError("TOO_MANY", `More than ${limit} requests a second. Wait a second and go on more slowly; for all runs of a filter ask for the export, or the bulk action, which is one request.`);
