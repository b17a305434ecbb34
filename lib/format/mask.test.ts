import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "#lib/engine/define";
import { isSecretKey, MASK, maskJsonText, maskSecrets, unmask } from "./mask.ts";

test.each(["password", "DB_PASSWORD", "apiKey", "x-api-key", "api_key", "Authorization", "accessToken", "client_secret", "Set-Cookie", "credentials", "aws.secretKey", "TOKEN"])("%s is a secret", (key) => {
  expect(isSecretKey(key)).toBe(true);
});

test.each(["maxTokens", "inputTokens", "tokenCount", "keywords", "key", "passage", "compass", "secretary", "cookieBanner", ""])("%s is none", (key) => {
  expect(isSecretKey(key)).toBe(false);
});

test("values under secret keys are hidden at any depth; what says nothing stays", () => {
  const value = { user: "ada", auth: [{ password: "hunter2", token: null, secret: true }], credentials: { id: 1 }, apiKey: "" };
  const masked = { user: "ada", auth: [{ password: MASK, token: null, secret: true }], credentials: MASK, apiKey: "" };
  expect(maskSecrets(value)).toEqual(masked);
  expect(JSON.parse(maskJsonText(JSON.stringify(value)))).toEqual(masked);
});

const key = fc.constantFrom("a", "password", "apiKey", 'quo"te', "p\\u0061ssword", "token", "list");
const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, fc.constant(null), fc.boolean(), fc.integer(), fc.string(), fc.array(tie("value"), { maxLength: 4 }), fc.dictionary(key, tie("value"), { maxKeys: 5 })),
})).value;

test("text and value are masked alike, however the text is spaced", () => {
  fc.assert(fc.property(json, fc.constantFrom(0, 2), (value, space) => {
    expect(JSON.parse(maskJsonText(JSON.stringify(value, null, space)))).toEqual(maskSecrets(value));
  }));
});

test("text cut off anywhere never shows a part of the secret", () => {
  const text = JSON.stringify({ a: 1, password: 'hunter2 "and" more', nested: { token: ["hunter2", { x: "hunter2" }] }, z: 2 });
  for (let end = 0; end <= text.length; end += 1) expect(maskJsonText(text.slice(0, end))).not.toContain("hun");
  expect(maskJsonText('Traceback: no JSON at all, password=x')).toContain("no JSON at all");
});

test("a masked value sent back is the one it stood for", () => {
  const original = { apiKey: "k-1", db: { password: "p" }, n: 1 };
  expect(unmask({ ...(maskSecrets(original) as object), n: 2 }, original)).toEqual({ ...original, n: 2 });
  expect(unmask({ note: MASK }, original)).toEqual({ note: MASK });
});
