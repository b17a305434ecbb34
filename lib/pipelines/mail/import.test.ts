import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { AppError } from "#lib/errors";
import { ROOT } from "#lib/root";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { waitFor } from "#lib/testing/wait";
import { type ImportProgress, importMailPath, importMailStream, listImports } from "./import.ts";

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await cloneDatabase();
  folder = mkdtempSync(join(tmpdir(), "penstock-import-"));
});
afterAll(async () => {
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => database.db.$executeRaw`truncate mail_imports, mail_messages, mail_raw restart identity cascade`);

const FROM = "From mara@harbourlane.example Thu Nov 20 08:15:00 2025\n";
const message = (n: number | string, more = "") => `From: Sender ${n} <s${n}@example.com>\nMessage-ID: <${n}@example.com>\nDate: Thu, 20 Nov 2025 08:15:00 +0000\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe_${n}?=\n${more}\nHello ${n}\n`;
const mbox = (...messages: string[]) => messages.map((text) => `${FROM}${text}\n`).join("");
const many = (count: number) => mbox(...Array.from({ length: count }, (_, n) => message(n)));

async function* chunksOf(text: string | Uint8Array): AsyncGenerator<Uint8Array> {
  const bytes = typeof text === "string" ? Buffer.from(text, "latin1") : text;
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
}
const take = (text: string | Uint8Array, name = "test.mbox") => importMailStream(database.ctx, { name, chunks: chunksOf(text) });
const refusal = async (promise: Promise<unknown>) => promise.then(() => { throw new Error("was not refused"); }, (error: AppError) => `${error.code} ${error.message}`);
const stored = () => database.db.mailMessage.findMany({ orderBy: { id: "asc" }, include: { raw: true } });

test("messages are stored with what their headers say, in order, and told once more they are duplicates", async () => {
  const archive = mbox(message("a"), message("b", "In-Reply-To: <a@example.com>\n"), message("c", "References: <a@example.com>\n <b@example.com>\nIn-Reply-To: <b@example.com>\n"));
  expect(await take(archive)).toEqual({ importId: 1, name: "test.mbox", bytes: archive.length, messages: 3, duplicates: 0, problems: 0, problemSamples: [] });
  const rows = await stored();
  expect(rows.map(({ position, messageId, fromAddress, subject, inReplyTo, threadKey, problem }) => ({ position, messageId, fromAddress, subject, inReplyTo, threadKey, problem }))).toEqual([
    { position: 1, messageId: "a@example.com", fromAddress: "sa@example.com", subject: "Grüße a", inReplyTo: null, threadKey: "a@example.com", problem: null },
    { position: 2, messageId: "b@example.com", fromAddress: "sb@example.com", subject: "Grüße b", inReplyTo: "a@example.com", threadKey: "a@example.com", problem: null },
    { position: 3, messageId: "c@example.com", fromAddress: "sc@example.com", subject: "Grüße c", inReplyTo: "b@example.com", threadKey: "a@example.com", problem: null },
  ]);
  expect(rows[0]?.sentAt?.toISOString()).toBe("2025-11-20T08:15:00.000Z");
  expect(Buffer.from(rows[0]?.raw?.raw ?? "").toString()).toBe(message("a"));
  expect(Buffer.from(rows[0]?.raw?.raw ?? "").toString().slice(0, rows[0]?.raw?.headerBytes)).toMatch(/_a\?=\n$/);

  expect(await take(archive)).toMatchObject({ importId: 2, messages: 0, duplicates: 3, problems: 0 });
  expect(await take(archive.replaceAll("\n", "\r\n"))).toMatchObject({ messages: 0, duplicates: 3 });
  expect(await listImports(database.ctx, 2)).toEqual([
    expect.objectContaining({ id: 3, status: "completed", messages: 0, duplicates: 3 }),
    expect.objectContaining({ id: 2, name: "test.mbox", status: "completed", bytes: archive.length, error: null, completedAt: expect.any(Date) }),
  ]);
});

test("duplicates within one archive, within and across batches", async () => {
  expect(await take(many(150) + many(150) + mbox(message("x"), message("x")))).toMatchObject({ messages: 151, duplicates: 151 });
});

test("what is ugly is kept and named", async () => {
  const cases: [text: string, problem: RegExp | null][] = [
    ["Subject: no sender\nDate: Thu, 20 Nov 2025 08:15:00 +0000\n\nx\n", /^It has no readable sender\.$/],
    ["From: a@example.com\n\nno date\n", /^It has no Date\.$/],
    ["From: a@example.com\nDate: Thu, 1 Jan 1970 00:00:00 +0000\n\nx\n", /^Its Date is unreadable or before 1980: Thu, 1 Jan 1970/],
    ["From: a@example.com\nDate: Thu, 1 Jan 2099 00:00:00 +0000\n\nx\n", /^Its Date is more than two days ahead/],
    ["From: a@example.com\nDate: yesterday\n\nx\n", /^Its Date is unreadable/],
    [message("nul", "X-Nul: \0\n"), /^It holds NUL bytes\.$/],
    [`From: a@example.com\nMessage-ID: <n\0${"l".repeat(3000)}@example.com>\nSubject: \0 \xff\nDate: Thu, 20 Nov 2025 08:15:00 +0000\n\nx\n`, /NUL/],
    ["\njust text\n", /^It has no headers\.$/],
    ["", /^It is empty\.$/],
    [message("good"), null],
    [message("good").replace("Hello", "Another"), /^Its Message-ID is also that of another message with another body\.$/],
  ];
  const result = await take(mbox(...cases.map(([text]) => text)));
  expect(result).toMatchObject({ messages: cases.length, duplicates: 0, problems: cases.length - 1 });
  expect(result.problemSamples).toHaveLength(cases.length - 1);
  const rows = await stored();
  for (const [index, [, problem]] of cases.entries()) {
    if (problem) expect(rows[index]?.problem).toMatch(problem);
    else expect(rows[index]?.problem).toBeNull();
  }
  expect(await take(mbox(message("good").replace("Hello", "A third")))).toMatchObject({ messages: 1, problems: 1, problemSamples: [{ position: 1, messageId: "good@example.com" }] });
});

test("of a message of 9 MB the beginning is kept, and its size", async () => {
  expect(await take(mbox(`${message("big")}${"0123456789abcde\n".repeat(562_500)}`, message("next")))).toMatchObject({ messages: 2, problems: 1, problemSamples: [{ reason: "It is larger than 8 MB: only its beginning was kept." }] });
  const [big] = await database.db.$queryRaw<{ size: number; kept: number }[]>`select size_bytes::int as size, length(raw) as kept from mail_messages join mail_raw r on r.message_id = mail_messages.id order by id limit 1`;
  expect(big).toEqual({ size: 9_000_000 + message("big").length, kept: 8_000_000 });
});

test("what is not mail is refused in words, and nothing is half-made", async () => {
  const png = Buffer.from("89504e470d0a1a0a0000000d", "hex");
  expect(await refusal(take(png, "photo.png"))).toBe('INVALID "photo.png" is a PNG image, not mail. Wanted is an .mbox file, an .eml file, or a folder of them.');
  expect(await refusal(take("%PDF-1.7\n"))).toMatch(/is a PDF document/);
  expect(await refusal(take("PK\x03\x04rest"))).toMatch(/is a zip archive, not mail\. Unpack it first\./);
  expect(await refusal(take(gzipSync(many(3))))).toMatch(/is a gzip file, not mail\. .*zcat/);
  expect(await refusal(take("Dear diary,\n\nnothing happened.\n"))).toMatch(/is text without mail headers/);
  expect(await refusal(take("Title: A poem\nBy: me\n\nroses\n"))).toMatch(/is text without mail headers/);
  expect(await refusal(take("\0\x01\x02"))).toMatch(/is binary data/);
  expect(await refusal(take("\x9f\x11\xe2k\x03"))).toMatch(/is binary data/);
  expect(await refusal(take(""))).toMatch(/is empty, not mail/);
  expect(await refusal(importMailPath(database.ctx, join(folder, "nowhere.mbox")))).toMatch(/^NOT_FOUND There is nothing at/);
  expect(await refusal(importMailPath(database.ctx, "/dev/null"))).toMatch(/^INVALID .* neither a file nor a folder/);
  expect(await listImports(database.ctx)).toEqual([]);
});

test("a folder is gone through in order, folders in it too; what is no mail is named", async () => {
  const root = join(folder, "archive");
  mkdirSync(join(root, "2024/cur"), { recursive: true });
  writeFileSync(join(root, "2024/cur/1.eml"), message("in2024"));
  writeFileSync(join(root, "2024/notes.txt"), "just notes\n");
  writeFileSync(join(root, "b.mbox"), many(3));
  writeFileSync(join(root, "c.eml"), message(1));
  writeFileSync(join(root, "empty.eml"), "");
  symlinkSync("..", join(root, "2024/round"));
  const seen: ImportProgress[] = [];
  const result = await importMailPath(database.ctx, root, (progress) => seen.push(progress));
  expect(result).toMatchObject({ messages: 4, duplicates: 1, problems: 2 });
  expect(result.problemSamples.map(({ reason }) => reason.replace(root, ""))).toEqual(['"/2024/notes.txt" is text without mail headers, not mail.', '"/empty.eml" is empty, not mail.']);
  expect((await stored()).map(({ messageId }) => messageId)).toEqual(["in2024@example.com", "0@example.com", "1@example.com", "2@example.com"]);
  expect(seen.at(-1)).toMatchObject({ bytes: result.bytes, totalBytes: result.bytes, messages: 4 });
  expect(await listImports(database.ctx)).toMatchObject([{ problems: 2, status: "completed" }]);

  mkdirSync(join(folder, "none"));
  expect(await refusal(importMailPath(database.ctx, join(folder, "none")))).toMatch(/holds no mail: it is empty/);
  writeFileSync(join(folder, "none/a.txt"), "x");
  expect(await refusal(importMailPath(database.ctx, join(folder, "none")))).toMatch(/holds no mail: none of the files in it is mail \(1\)/);
});

test("two imports of the same archive at once: each message once", async () => {
  const archive = many(500);
  const results = await Promise.all([take(archive), take(archive), take(archive)]);
  expect(results.reduce((sum, { messages }) => sum + messages, 0)).toBe(500);
  expect(results.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(1000);
  expect(await database.db.mailRaw.count()).toBe(500);
});

test("stopped by whoever watches, it is failed and what was stored stays", async () => {
  const stop = (progress: ImportProgress) => {
    if (progress.messages >= 200) throw new Error("Stopped by hand");
  };
  await expect(importMailStream(database.ctx, { name: "long", chunks: chunksOf(many(1000)) }, stop)).rejects.toThrow("Stopped by hand");
  expect(await listImports(database.ctx)).toMatchObject([{ status: "failed", error: "Stopped by hand", messages: 200 }]);
  expect(await take(many(1000))).toMatchObject({ messages: 800, duplicates: 200 });
});

test("a full disk is told as such, with what was stored before", async () => {
  await database.db.$executeRawUnsafe("create function full_disk() returns trigger language plpgsql as $$ begin if new.position > 150 then raise exception 'could not extend file' using errcode = '53100'; end if; return new; end $$");
  await database.db.$executeRawUnsafe("create trigger full_disk before insert on mail_messages for each row execute function full_disk()");
  try {
    expect(await refusal(take(many(300)))).toBe(`DISK_FULL The database's disk is full. 100 new messages of "test.mbox" were imported before. Make room and import again: nothing is imported twice.`);
  } finally {
    await database.db.$executeRawUnsafe("drop trigger full_disk on mail_messages");
    await database.db.$executeRawUnsafe("drop function full_disk");
  }
  expect(await listImports(database.ctx)).toMatchObject([{ status: "failed", messages: 100 }]);
});

test("killed in the middle, it is shown as failed after a while, and the next import goes on", async () => {
  const path = join(folder, "killed.mbox");
  writeFileSync(path, mbox(...Array.from({ length: 4000 }, (_, n) => message(n, `X-Padding: ${"p".repeat(900)}\n`))));
  const child = spawn(process.execPath, ["--conditions=react-server", "--disable-warning=ExperimentalWarning", "lib/testing/import-process.ts", database.url, path], { cwd: ROOT, stdio: "inherit" });
  await waitFor("the first messages", async () => (await database.db.mailMessage.count()) > 0, 20_000);
  child.kill("SIGKILL");
  while (child.exitCode === null && child.signalCode === null) await sleep(10);
  const before = await database.db.mailMessage.count();
  expect(before % 100).toBe(0);
  expect(before).toBeLessThan(4000);
  expect(await database.db.mailRaw.count()).toBe(before);
  expect(await listImports(database.ctx)).toMatchObject([{ status: "running", messages: before }]);

  await database.db.$executeRaw`update mail_imports set created_at = created_at - interval '10 minutes'`;
  await database.db.$executeRaw`update mail_messages set created_at = created_at - interval '10 minutes'`;
  expect(await listImports(database.ctx)).toMatchObject([{ status: "failed", error: expect.stringMatching(/^It was interrupted/) }]);
  expect(await importMailPath(database.ctx, path)).toMatchObject({ messages: 4000 - before, duplicates: before });
  expect((await database.db.mailImport.findMany({ orderBy: { id: "asc" } })).map(({ status }) => status)).toEqual(["failed", "completed"]);
});
