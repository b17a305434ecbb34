import type { IncomingMessage } from "node:http";
import fc from "fast-check";
import { expect, it } from "vitest";
import { LIMITS } from "#lib/limits";
import { limitRates, rateHeaders, RateLimiter } from "#lib/web/rate";

const from = (remoteAddress: string, headers: Record<string, string> = {}, url = "/api/v1/runs") => [{ url, headers } as unknown as IncomingMessage, remoteAddress] as const;

it("property: over any stretch of time nobody passes more than the rate and one burst", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 50, maxLength: 400 }), (gaps) => {
    const limiter = new RateLimiter(10);
    let now = 0;
    let passed = 0;
    for (const gap of gaps) {
      now += gap;
      if (limiter.take("ann", now).waitMs === 0) passed += 1;
    }
    expect(passed).toBeLessThanOrEqual(30 + (now / 1_000) * 10 + 1);
  }));
});

it("who waits as long as it was told passes; others do not wait for them", () => {
  const limiter = new RateLimiter(100);
  for (let i = 0; i < 300; i += 1) expect(limiter.take("ann", 0).waitMs).toBe(0);
  const refused = limiter.take("ann", 0);
  expect(refused.waitMs).toBeGreaterThan(0);
  expect(rateHeaders(refused)).toEqual({ "RateLimit-Limit": "100", "RateLimit-Remaining": "0", "RateLimit-Reset": "1", "Retry-After": "1" });
  expect(limiter.take("ben", 0).waitMs).toBe(0);
  expect(limiter.take("ann", refused.waitMs).waitMs).toBe(0);
});

it("keys are counted by themselves; one address with ever new keys is counted all the same; files of the pages are not", () => {
  const take = limitRates(100);
  for (let i = 0; i < 300; i += 1) take(...from("192.0.2.1", { authorization: "Bearer pk_one" }), 0);
  expect(take(...from("192.0.2.1", { authorization: "Bearer pk_one" }), 0)?.waitMs).toBeGreaterThan(0);
  expect(take(...from("192.0.2.1", { authorization: "Bearer pk_two" }), 0)?.waitMs).toBe(0);
  expect(take(...from("192.0.2.9", { cookie: "theme=dark; __Host-penstock=abcdefghijkl" }), 0)?.waitMs).toBe(0);
  let passed = 0;
  for (let i = 0; i < 5_000; i += 1) if (take(...from("192.0.2.2", { authorization: `Bearer pk_${i}` }), 0)?.waitMs === 0) passed += 1;
  expect(passed).toBe(3 * 100 * LIMITS.addressFactor);
  expect(take(...from("192.0.2.2", {}, "/_next/static/chunks/a.js"), 0)).toBeNull();
  expect(limitRates(0)(...from("192.0.2.2"), 0)).toBeNull();
});
