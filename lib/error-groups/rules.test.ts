import fc from "fast-check";
import { expect, it } from "vitest";
import { FailureTally, MAX_KINDS_PER_UNIT, NORMALISED_MAX, normaliseMessage, normaliseStep } from "./rules.ts";

it.each([
  ["Row 17 of 4,200 is broken", "Row <n> of <n> is broken"],
  ["unit-12 was told to fail", "unit-<n> was told to fail"],
  ["No account 3f2b8c1e-9a4d-4c6e-8b1a-0123456789ab here", "No account <id> here"],
  ["object 0xDEADBEEF, commit 9fceb02d0ae598e95dc970b74767f19372d61af8", "object <id>, commit <id>"],
  ["ENOENT: no such file or directory, open '/home/ada/mail/inbox 2.mbox'", "ENOENT: no such file or directory, open <text>"],
  ["cannot read /var/lib/app/12/file.json: gone", "cannot read <path>: gone"],
  ["cannot read C:\\Users\\ada\\mail.mbox", "cannot read <path>"],
  ['unable to infer type for attribute "REGEX"', "unable to infer type for attribute <text>"],
  ["can't read 'a' or ‘b’, it's “c”", "can't read <text> or <text>, it's <text>"],
  ["GET https://api.example.com/v1/users?id=9 failed", "GET <url> failed"],
  ["mail to Ada.Lovelace+x@example.co.uk bounced", "mail to <email> bounced"],
  ["at 2026-03-01T12:00:00.123Z and 2026-03-01 13:00:00+01:00", "at <time> and <time>"],
  ["Request failed with status code 429", "Request failed with status code 429"],
  ["server error (500), page (12)", "server error (500), page (<n>)"],
  ["HTTP/1.1 503, SQLSTATE 40P01", "HTTP/1.1 503, SQLSTATE 40P01"],
  ["key sk-proj4abcDEF7ghiJKL0mnoPQR is refused", "key <id> is refused"],
  ["request req8fK2abcd failed", "request <id> failed"],
  ["  two\n\tlines\u2028 and  spaces ", "two lines and spaces"],
  ["TypeError: x is not a function\n    at run (/app/a.js:1:2)\n    at main (/app/b.js:3:4)", "TypeError: x is not a function"],
  ["خطأ في الملف ١٢٣ 🚧", "خطأ في الملف <n> 🚧"],
  ["", ""],
])("%j reads %j", (message, normalised) => expect(normaliseMessage(message)).toBe(normalised));

it.each([
  ["classify example.com", "classify <name>"],
  ["segment a.com to xn--bcher-kva.example.org", "segment <name> to <name>"],
  ["profile münchen.de", "profile <name>"],
  ["messages 1-500", "messages <n>-<n>"],
  ["compare vendors", "compare vendors"],
])("the step %j is %j", (name, kind) => expect(normaliseStep(name)).toBe(kind));

const particular = fc.oneof(
  fc.nat(),
  fc.uuid(),
  fc.date({ noInvalidDate: true, min: new Date("1900-01-01"), max: new Date("2999-01-01") }).map((date) => date.toISOString()),
  fc.stringMatching(/^[0-9a-f]{40}$/).filter((hex) => /\d/.test(hex) && /[a-f]/.test(hex)),
  fc.stringMatching(/^"[^"\\\n]{0,50}"$/),
  fc.stringMatching(/^\/[a-z]{1,8}\/[a-z0-9_-]{1,20}\.txt$/),
  fc.emailAddress({ size: "small" }).filter((address) => /^[\w.+-]+@[\w.-]+$/.test(address)),
  fc.webUrl().filter((url) => !/[)'`\]]/.test(url)),
);

it("is the same message whatever the particulars, each of its kind", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("cannot", "read", "of", "العربية", "🚧", "größer"), { minLength: 1 }), fc.array(particular, { maxLength: 4 }), (words, particulars) => {
      const wrap = (value: unknown) => `${words.join(" ")} ${value} ${words.join(" ")}`;
      for (const value of particulars) {
        const normalised = normaliseMessage(wrap(value)).replace(/<(n|id|text|path|time|url|email)>/g, "<>");
        expect(normalised.slice(0, 400)).toBe(wrap("<>").slice(0, 400).trim());
      }
    }),
  );
});

it("never throws, is bounded, on one line, well-formed and without NUL, for any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 6_000 }), (text) => {
      const normalised = normaliseMessage(text);
      expect(normalised.length).toBeLessThanOrEqual(NORMALISED_MAX);
      expect(normalised.isWellFormed()).toBe(true);
      expect(normalised).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      expect(normaliseStep(text).length).toBeLessThanOrEqual(100);
    }),
  );
});

it.each(["a", "1", "'", '"', "/", "a.", "a@", "0f", "-", " ", "\\", "\n at ", "1-", "a1", "🚧", "http://"])("a megabyte of %j costs nothing", (unit) => {
  const text = unit.repeat(1_048_576 / unit.length);
  const started = performance.now();
  normaliseMessage(text);
  normaliseStep(text);
  expect(performance.now() - started).toBeLessThan(50);
});

it("a unit's failures are added up by kind, and the kinds are bounded while the count is not", () => {
  const tally = new FailureTally();
  const words = Array.from({ length: 30 }, (_, n) => `${String.fromCharCode(97 + n % 26)}${"x".repeat(Math.floor(n / 26))} broke`);
  for (let round = 0; round < 10; round += 1) for (const message of words) tally.add({ step: null, stepSeq: null, errorClass: "Error", message });
  const failures = tally.list();
  expect(failures).toHaveLength(MAX_KINDS_PER_UNIT + 1);
  expect(failures.reduce((sum, { count }) => sum + count, 0)).toBe(300);
  expect(failures.at(-1)).toMatchObject({ errorClass: "OtherErrors", count: 100 });
});
