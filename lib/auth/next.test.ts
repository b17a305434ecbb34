import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { safeNext, signInPath } from "./next.ts";

const HOME = "http://penstock.test";
/** T42: sixty ways to name somebody else's site. */
const EVIL = [
  "//evil.test", "///evil.test", "////evil.test/x", "/\\evil.test", "\\/evil.test", "\\\\evil.test", "/\\/evil.test", "//\\evil.test", "/\t/evil.test", "/\n/evil.test", "/\r/evil.test", "\t//evil.test", " //evil.test", "/ /../\\evil.test",
  "http://evil.test", "https://evil.test", "https:evil.test", "https:/evil.test", "https:///evil.test", "HTTPS://EVIL.TEST", "hTTp:evil.test", "ftp://evil.test", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "blob:x", "mailto:x@evil.test",
  "/%2f/evil.test", "/%2F%2Fevil.test", "/%5cevil.test", "/%5C%5Cevil.test", "/%09/evil.test", "/%0a/evil.test", "/%0d%0aLocation:%20//evil.test", "%2f%2fevil.test", "%5c%5cevil.test", "/\u0000/evil.test", "/\u000b/evil.test", "/\u0085/evil.test",
  "/..//evil.test", "/.//evil.test", "/./\\evil.test", "/../\\evil.test", "/a/..//evil.test", "/a/../\\evil.test", "evil.test", ".evil.test", "@evil.test", "//user@evil.test", "//evil.test@penstock.test", "/@/../..//evil.test", "?next=//evil.test", "#//evil.test", "", "/\ud800", "//[::1]", "//127.0.0.1", "//evil%E3%80%82test", "///\\/evil.test", "//evil.test:80", "/a/../%2fevil.test", "/;//..//evil.test",
];

describe("safeNext", () => {
  it.each(EVIL)("%j leads nowhere else", (next) => {
    const target = safeNext(next);
    expect(new URL(target, HOME).origin).toBe(HOME);
    expect(target).not.toMatch(/^\/[/\\]/);
    // What a browser makes of it once more, as after a redirect.
    expect(new URL(new URL(target, HOME).href).host).toBe("penstock.test");
  });
  it("there are at least sixty of them", () => expect(new Set(EVIL).size).toBeGreaterThanOrEqual(60));
  it.each(["/runs", "/runs?status=failed&status=running", "/runs/12#trace", "/ai-audit/usage?days=7", "/settings/people", "/runs?q=a%2Fb"])("%s is kept", (next) => expect(safeNext(next)).toBe(next));
  it.each(["/sign-in", "/sign-in?next=/runs", "/setup/abc", "/api/v1/runs", null, undefined, 7, ["/runs"], `/${"x".repeat(3_000)}`])("%j is the dashboard", (next) => expect(safeNext(next)).toBe("/"));
  it("never leaves, whatever is given", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom("/", "\\", ".", "%2f", "%5c", "\t", "@", ":", "a", "?", "#", "evil.test") })), (next) => {
      const target = safeNext(`/${next}`);
      return new URL(target, HOME).origin === HOME && safeNext(target) === target;
    }), { numRuns: 20_000 });
  });
  it("the way to sign-in holds it whole", () => {
    expect(signInPath("/runs?status=failed&q=a b")).toBe("/sign-in?next=%2Fruns%3Fstatus%3Dfailed%26q%3Da%2520b");
    expect(signInPath("/")).toBe("/sign-in");
    expect(signInPath(null)).toBe("/sign-in");
  });
});
