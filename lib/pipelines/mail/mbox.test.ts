import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isFromLine, splitMbox } from "./mbox.ts";
import { KEPT_BYTES, type RawMessage } from "./raw-message.ts";

const FROM = "From mara@harbourlane.example Thu Nov 20 08:15:00 2025";

async function* inChunks(bytes: Uint8Array, sizes: number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = Math.max(1, sizes[turn % Math.max(1, sizes.length)] ?? 1);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function split(archive: string | Uint8Array, sizes = [65_536]): Promise<RawMessage[]> {
  const bytes = typeof archive === "string" ? Buffer.from(archive, "latin1") : archive;
  const found: RawMessage[] = [];
  for await (const message of splitMbox(inChunks(bytes, sizes))) found.push(message);
  return found;
}
const texts = async (archive: string, sizes?: number[]) => (await split(archive, sizes)).map(({ raw }) => Buffer.from(raw).toString("latin1"));
const hash = (text: string) => createHash("sha256").update(text, "latin1").digest("hex");

test("envelope lines are told from sentences by their shape", () => {
  for (const line of [
    FROM,
    "From - Tue Apr 01 10:00:00 2014",
    "From 1234567890123456789@xxx Mon Jan 01 00:00:00 +0000 2024",
    "From MAILER-DAEMON Fri Jul  8 12:08:34 2011",
    "From \"John Doe\" <john@example.com> Fri, 8 Jul 2011 12:08:34 +0200",
    "From ???@??? Mon Jan 05 10:00:00 1998",
    "From a@b  Thu Jan  1 00:00:00 1970 remote from c",
    "From a@b 2014-05-06T10:00:00Z",
    "From Thu Nov 20 08:15:00 2025",
  ]) expect(isFromLine(line), line).toBe(true);
  for (const line of ["From here on we sail", "From: mara@harbourlane.example", "From Monday on we are closed", "From Thursday 20 boats leave", "From a@b", "from a@b Thu Nov 20 08:15:00 2025", "From May to June 2025"]) {
    expect(isFromLine(line), line).toBe(false);
  }
});

test("reads mboxrd, mboxo and a missing empty line; the quoting and the empty line are not the message's", async () => {
  expect(await texts(`${FROM}\nSubject: a\n\n>From you\n>>From me\n> From\nFrom here on\n\n${FROM}\nSubject: b\n\nend\n${FROM}\nSubject: c\n\nx\n\n`)).toEqual([
    "Subject: a\n\nFrom you\n>From me\n> From\nFrom here on\n",
    "Subject: b\n\nend\n",
    "Subject: c\n\nx\n",
  ]);
});

test("an envelope line inside a text, with neither an empty line before nor a header after it, stays there", async () => {
  expect(await texts(`${FROM}\nSubject: a\n\nas the log has it:\n${FROM}\nand so on\n`)).toHaveLength(1);
  expect(await texts(`${FROM}\nSubject: a\n\nas the log has it:\n\n${FROM}\nand so on\n`)).toHaveLength(2);
});

test("an envelope line without a date needs both an empty line before and a header after it", async () => {
  expect(await texts("From a@b.test\nSubject: a\n\none\n\nFrom c@d.test\nSubject: b\n\ntwo\n")).toEqual(["Subject: a\n\none\n", "Subject: b\n\ntwo\n"]);
  for (const inside of ["one\nFrom c@d.test\nSubject: b", "one\n\nFrom c@d.test\nand so on", "one\n\nFrom the desk of c@d.test\nNote: one"]) expect(await texts(`${FROM}\nSubject: a\n\n${inside}\n`)).toHaveLength(1);
});

test("a Content-Length counts only where the next message or the end follows", async () => {
  const inner = `one\n\n${FROM}\nSubject: inner\n\ntwo\n`;
  const second = `${FROM}\nSubject: b\n\nx\n`;
  const right = `${FROM}\nSubject: a\nContent-Length: ${inner.length}\n\n${inner}\n`;
  expect(await texts(right + second)).toEqual([`Subject: a\nContent-Length: ${inner.length}\n\n${inner}`, "Subject: b\n\nx\n"]);
  expect(await texts(right)).toHaveLength(1);
  for (const wrong of [inner.length - 3, inner.length + 9, 0, 7_999_999, 9_999_999_999]) {
    expect(await texts(`${FROM}\nSubject: a\nContent-Length: ${wrong}\n\n${inner}\n${second}`), String(wrong)).toHaveLength(3);
  }
  expect(await texts(`${FROM}\nSubject: no body\n${FROM}\nContent-Length: 4\n\nabc\n\n${second}`)).toHaveLength(3);
});

test("the same message has the same hash in an .eml file, with CRLF, and in an mbox", async () => {
  const eml = "Subject: a\n\n>text\n\r odd\n";
  const hashes = new Set<string>();
  for (const archive of [eml, `\ufeff${eml}`.replace("\ufeff", "\xef\xbb\xbf"), eml.replace(/\r?\n/g, "\r\n"), eml.trimEnd(), `${FROM}\n${eml}\n`, `${FROM}\r\n${eml}\n`.replace(/\r?\n/g, "\r\n")]) {
    const [message] = await split(archive, [3, 1, 7]);
    hashes.add(message?.sha256.toString("hex") ?? "none");
  }
  expect([...hashes]).toEqual([hash(eml)]);
});

test("headers end at the first empty line; a message without any has none", async () => {
  const bytesOf = async (archive: string) => (await split(archive)).map(({ headerBytes }) => headerBytes);
  expect(await bytesOf("A: b\r\nC: d\r\n\r\nE: f\r\n")).toEqual([12]);
  expect(await bytesOf("A: b\n c\n")).toEqual([8]);
  expect(await bytesOf(`${FROM}\n\nno header: at all\n\n${FROM}\nno headers\n\n${FROM}\n`)).toEqual([0, 0, 0]);
});

test("nothing is in nothing", async () => {
  expect(await split("")).toEqual([]);
  expect(await split("\n\r\n\n")).toEqual([]);
});

const line = fc.oneof(
  fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString("latin1").replace(/[\r\n]/g, "")),
  fc.constantFrom(FROM, `>${FROM}`, ">>From x", "From here", "From ", ">", "", "Content-Length: 12", "Subject: a"),
);
const message = fc.array(line, { minLength: 1, maxLength: 12 }).map((lines) => `${lines.map((text) => text.replace(/^content-length.*/i, "")).join("\n")}\n`);
const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 });

test("what is written as mboxrd is read as it was, however it is cut into chunks", async () => {
  await fc.assert(fc.asyncProperty(fc.array(message, { maxLength: 6 }), sizes, fc.boolean(), async (messages, cuts, crlf) => {
    const ends = (text: string) => (crlf ? text.replaceAll("\n", "\r\n") : text);
    const archive = messages.map((text) => ends(`${FROM}\n${text.replace(/^(>*From )/gm, ">$1")}\n`)).join("");
    expect(await texts(archive, cuts)).toEqual(messages.map((text) => ends(text)));
  }), { numRuns: 300 });
});

test("any bytes in any chunks: nothing throws, nothing depends on the cuts", async () => {
  const archive = fc.array(fc.oneof(line.map((text) => `${text}\n`), fc.constantFrom(`${FROM}\n`, `${FROM}\r\n`, `\n${FROM}\nA: b\nContent-Length: 9\n\n`, "\r\n")), { maxLength: 30 }).map((parts) => parts.join(""));
  await fc.assert(fc.asyncProperty(archive, sizes, async (text, cuts) => {
    const whole = await split(text);
    expect(await split(text, cuts)).toEqual(whole);
    expect(whole.map(({ position }) => position)).toEqual(whole.map((_, index) => index + 1));
  }), { numRuns: 300 });
});

test("a line of 100 MB, then a message of 50 MB: the memory stays bounded and the rest is found", async () => {
  async function* huge(): AsyncGenerator<Uint8Array> {
    const letters = Buffer.alloc(1_000_000, "x");
    const lines = Buffer.from(`${"y".repeat(99)}\n`.repeat(10_000));
    yield Buffer.from(`${FROM}\nSubject: a line\n\n`);
    for (let n = 0; n < 100; n += 1) yield letters;
    yield Buffer.from(`\n\n${FROM}\nSubject: lines\n\n`);
    for (let n = 0; n < 50; n += 1) yield lines;
    yield Buffer.from(`\n${FROM}\nSubject: last\n\nbye\n`);
  }
  globalThis.gc?.();
  const before = process.memoryUsage();
  let peak = 0;
  const found: { sizeBytes: number; kept: number; truncated: boolean }[] = [];
  for await (const { sizeBytes, raw, truncated } of splitMbox(huge())) {
    found.push({ sizeBytes, kept: raw.length, truncated });
    const { arrayBuffers } = process.memoryUsage();
    peak = Math.max(peak, arrayBuffers - before.arrayBuffers);
  }
  expect(found).toEqual([
    { sizeBytes: 100_000_018, kept: KEPT_BYTES, truncated: true },
    { sizeBytes: 50_000_016, kept: KEPT_BYTES, truncated: true },
    { sizeBytes: 19, kept: 19, truncated: false },
  ]);
  expect(peak).toBeLessThan(64_000_000);
});

test("headers that all claim a length of 8 MB cost no quadratic time", async () => {
  const archive = Buffer.from(`${FROM}\nSubject: a\nContent-Length: 7999990\n\nx\n\n`.repeat(150_000), "latin1");
  const startedAt = performance.now();
  let count = 0;
  for await (const _ of splitMbox(inChunks(archive, [65_536]))) count += 1;
  expect(count).toBe(150_000);
  expect(performance.now() - startedAt).toBeLessThan(15_000);
});
