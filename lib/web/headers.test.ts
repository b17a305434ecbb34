import { expect, it } from "vitest";
import { contentPolicy, makeNonce, securityHeaders } from "#lib/web/headers";

it("10,000 nonces: none twice, none short", () => {
  const nonces = Array.from({ length: 10_000 }, makeNonce);
  expect(new Set(nonces).size).toBe(10_000);
  expect(nonces.every((nonce) => Buffer.from(nonce, "base64").length === 16)).toBe(true);
});

it("nothing unsafe, nothing from elsewhere, no frame", () => {
  const policy = contentPolicy("abc");
  expect(policy).not.toMatch(/unsafe-|\*|https?:|blob:/);
  const directives = Object.fromEntries(policy.split("; ").map((directive) => directive.split(/ (.*)/s)));
  expect(directives).toMatchObject({ "default-src": "'self'", "script-src": "'self' 'nonce-abc' 'strict-dynamic'", "style-src": "'self' 'nonce-abc'", "object-src": "'none'", "base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'none'" });
});

it("https is asked for again only where it was used", () => {
  expect(securityHeaders("", { strict: false })["Strict-Transport-Security"]).toBeUndefined();
  expect(securityHeaders("", { strict: true })["Strict-Transport-Security"]).toBe("max-age=31536000");
});
