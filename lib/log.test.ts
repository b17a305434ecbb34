import fc from "fast-check";
import { expect, it } from "vitest";
import { LEAST_SECRET, redact, secretsOf } from "#lib/secrets";
import { openLog, printLine } from "./log.ts";

const AT = new Date("2026-11-21T03:04:05.678Z");
const ENV = {
  OPENAI_API_KEY: "sk-abcdef123456", GITHUB_TOKEN: "ghp_0123456789", DB_PASSWORD: "hunter22", HOME: "/home/anna", LANG: "en_GB.UTF-8",
  DATABASE_URL: "postgres://penstock:p%40ss-w0rd@db.example:5432/penstock", PORT: "3000", CI_JOB_SECRET: "two\nlines-of-it",
};

function lines(env: Record<string, string | undefined>, isTty = false) {
  const written: string[] = [];
  return { written, log: openLog({ write: (text) => written.push(text), isTty, env, now: () => AT }) };
}

it("finds the values of what is named like a secret, and passwords in addresses as written and as meant", () => {
  const secrets = secretsOf(ENV);
  expect(secrets).toEqual(expect.arrayContaining(["sk-abcdef123456", "ghp_0123456789", "hunter22", "p%40ss-w0rd", "p@ss-w0rd", "two\nlines-of-it", "lines-of-it"]));
  expect(secrets).not.toContain("/home/anna");
  expect(redact("connect to postgres://penstock:p%40ss-w0rd@db.example:5432/penstock", secrets)).toBe("connect to postgres://penstock:[redacted]@db.example:5432/penstock");
});

it("one line of JSON an event, with level, time, message and fields; errors with class and stack", () => {
  const { written, log } = lines(ENV);
  log.error("It broke\nbadly", { worker: 7, runs: 12n, error: new RangeError("with hunter22 in it") });
  expect(written).toHaveLength(1);
  expect(written[0]?.endsWith("\n") && written[0].indexOf("\n") === written[0].length - 1).toBe(true);
  const line = JSON.parse(written[0] ?? "");
  expect(line).toMatchObject({ level: "error", time: "2026-11-21T03:04:05.678Z", msg: "It broke\nbadly", worker: 7, runs: "12", error: { class: "RangeError", message: "with [redacted] in it" } });
  expect(line.error.stack).toContain("log.test.ts");
});

it("fields cannot pretend to be another level or time", () => {
  expect(JSON.parse(printLine("info", "m", { level: "error", time: "never", msg: "other" }, AT, []))).toMatchObject({ level: "info", msg: "m", time: AT.toISOString() });
});

it("for a person on a terminal it is the sentence, without the secret too", () => {
  const { written, log } = lines(ENV, true);
  log.info("The token is ghp_0123456789", { runs: 3 });
  expect(written).toEqual(["The token is [redacted] { runs: 3 }\n"]);
});

it("what JSON cannot print is told all the same", () => {
  const ring: Record<string, unknown> = {};
  ring.self = ring;
  expect(JSON.parse(printLine("warn", "m", { ring }, AT, [])).ring).toContain("Circular");
});

/** Values as programs have them, hostile ones among them; those that stand in every line by themselves are no secrets. */
const secret = fc.oneof(fc.string({ minLength: LEAST_SECRET, maxLength: 40 }), fc.string({ minLength: LEAST_SECRET, unit: fc.constantFrom('"', "\\", "\n", "a", "{", ":") }), fc.base64String({ minLength: 8 }))
  .filter((value) => ![`"level":"warn","time":"${AT.toISOString()}","msg":"[redacted]"`, "[redacted]"].some((always) => always.includes(value)) && value.trim().length >= LEAST_SECRET && !/^\W+$/.test(value));

it("property: no secret of the environment is ever in a line, wherever it stands in what is said", () => {
  fc.assert(fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), fc.string(), fc.string(), (values, before, after) => {
    const env = Object.fromEntries(values.map((value, n) => [`SERVICE_${n}_TOKEN`, value]));
    const { written, log } = lines(env);
    for (const value of values) {
      const text = `${before}${value}${after}`;
      const error = new Error(text, { cause: value });
      log.warn(text, { text, [text]: 1, deep: { list: [text, { [value]: value }] }, error, url: `http://a:${value}@b` });
    }
    for (const line of written) for (const value of values) expect(line.includes(value)).toBe(false);
    for (const line of written) expect(() => JSON.parse(line)).not.toThrow();
  }), { numRuns: 300 });
});

it("one record an event, and nothing that commands a terminal or turns a line around, whatever a name holds", () => {
  const names = ["a\r\nlevel=error forged", '","level":"error","msg":"forged', "\u001b[2J\u001b[31mred\u001b]0;title\u0007", "\u202efdp.exe\u2066", "\u0085next\u2028line", "\u009b31m"];
  for (const name of names) {
    const { written, log } = lines(ENV);
    log.warn(`Run ${name} failed`, { name });
    expect(written[0]?.slice(0, -1)).toMatch(/^[^\p{Cc}\u2028-\u202e\u2066-\u2069]*$/u);
    expect(JSON.parse(written[0] ?? "")).toMatchObject({ level: "warn", msg: `Run ${name} failed`, name });
    const onTerminal = lines(ENV, true);
    onTerminal.log.warn(name);
    expect(onTerminal.written[0]?.replaceAll("\n", "")).toMatch(/^[^\p{Cc}\u2028-\u202e\u2066-\u2069]*$/u);
  }
});
