import fc from "fast-check";
import { expect, it } from "vitest";
import { hideShapes, makeVeil, redact, secretForms } from "#lib/secrets";

const ENV = { DEPLOY_TOKEN: "s3cr3t/of+deploy", DATABASE_URL: "postgres://u:p%40ssw0rd@db/x", HOME: "/home/ann" };
const veil = makeVeil(ENV);

it.each([
  ["Authorization: Bearer abcdef0123456789", "abcdef0123456789"],
  ["curl -H 'authorization: Basic dXNlcjpzZXNhbWU='", "dXNlcjpzZXNhbWU"],
  ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "eyJzdWIi"],
  ["the key sk-proj-abcDEF0123456789xyz was refused", "abcDEF"],
  ["pk_4711_abcdefghijklmnopqrstuvwxyz", "abcdefgh"],
  ["ghp_0123456789abcdefABCDEF", "0123456789"],
  ["AKIAIOSFODNN7EXAMPLE", "IOSFODNN7"],
  ["https://ann:open-sesame@example.com/x", "open-sesame"],
  ["-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----", "MIIEow"],
  ["-----BEGIN PRIVATE KEY-----\ncut off MIIEow", "MIIEow"],
  ["password=hunter22; next", "hunter22"],
])("prose without its secret: %s", (text, secret) => {
  expect(hideShapes(text)).not.toContain(secret);
});

it("what only looks a little like one stays", () => {
  for (const text of ["the bearer of this letter", "task-force-of-the-north", "disk-full-but-nothing-lost", "https://example.com:8080/a@b", "password: short", "sky-blue", "2,456 tokens"]) expect(hideShapes(text)).toBe(text);
});

it("property: a secret of the environment is found in whatever carries it", () => {
  const secret = fc.string({ minLength: 8, maxLength: 40, unit: "grapheme-ascii" }).filter((text) => text.trim().length >= 8);
  fc.assert(fc.property(secret, fc.string({ maxLength: 9 }), fc.string({ maxLength: 9 }), (value, before, after) => {
    const forms = secretForms({ A_TOKEN: value });
    const carriers = [(text: string) => JSON.stringify(text), encodeURIComponent, (text: string) => Buffer.from(text).toString("base64"), (text: string) => Buffer.from(text).toString("base64url"), (text: string) => Buffer.from(text).toString("hex")];
    expect(redact(`${before}${value}${after}`, forms)).not.toContain(value);
    for (const carry of carriers) {
      const carried = carry(`${before}${value}${after}`);
      expect(redact(carried, forms)).not.toBe(carried);
      expect(redact(carry(value), forms)).not.toContain(carry(value));
    }
  }));
});

it("data stays what it is but for its secrets, at any depth, in keys too", () => {
  const clean = { n: 1, list: [null, true, "text"], "": {} };
  expect(veil.json(clean)).toBe(clean);
  expect(veil.json(undefined)).toBeUndefined();
  expect(veil.json({ ...clean, note: "password: of the door", deep: [{ "s3cr3t/of+deploy": "p@ssw0rd", url: "x%20s3cr3t%2Fof%2Bdeploy" }] })).toEqual({ ...clean, note: "password: of the door", deep: [{ "[redacted]": "[redacted]", url: "x%20[redacted]" }] });
  expect(veil.json(JSON.parse('{"__proto__":"p@ssw0rd"}'))).toEqual(JSON.parse('{"__proto__":"[redacted]"}'));
});

it.each(["eyJ-", "eyJaaaaaaaa.", "sk-", "bearer ", "bearer", "a://", "a.b+", "a://b:", "-----BEGIN ", "-----BEGIN PRIVATE KEY-----", "password ", "password=", "PRIVATE KEY", "secret'", "authorization: basic ", "\\n"])("%j over and over is no reason to hang", (piece) => {
  const text = piece.repeat(Math.ceil(300_000 / piece.length));
  const startedAt = performance.now();
  hideShapes(text);
  // Linear time takes some 20 ms; what tries each beginning anew takes minutes.
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
