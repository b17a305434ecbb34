import { afterAll, beforeAll, expect, test } from "vitest";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { listImports, loadSampleArchive } from "./import.ts";
import { splitMbox } from "./mbox.ts";
import { sampleArchive } from "./sample.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await cloneDatabase();
});
afterAll(() => database?.drop());

async function read(count: number): Promise<string[]> {
  const found: string[] = [];
  for await (const { raw } of splitMbox(sampleArchive(count))) found.push(Buffer.from(raw).toString("latin1"));
  return found;
}

test("the same count and day give the same bytes, and every message is found again", async () => {
  const archive = await read(600);
  expect(archive).toHaveLength(600);
  expect(await read(600)).toEqual(archive);
  expect(await read(0)).toEqual([]);
  for (const sign of ["iso-8859-1", "iso-2022-jp", "koi8-r", "gb18030", "windows-1252", "multipart/related", "multipart/mixed", "text/calendar", "x-harbour-42", "Invoice", "renews on", "X-MC-User", "X-SG-EID", "X-Kmail-Account", "X-HS-Cid", "amazonses.com"]) {
    expect(archive.some((message) => message.includes(sign)), sign).toBe(true);
  }
});

test("loaded twice, nothing is there twice; its faults are named", async () => {
  const first = await loadSampleArchive(database.ctx);
  expect(first.messages).toBeGreaterThan(560);
  expect(first.messages + first.duplicates).toBe(600);
  expect(first.duplicates).toBeGreaterThan(5);
  const reasons = (await database.db.mailMessage.findMany({ where: { problem: { not: null } }, select: { problem: true } })).map(({ problem }) => problem).join("\n");
  for (const reason of ["It has no Date", "before 1980", "two days ahead", "NUL bytes", "no readable sender", "no headers", "another body"]) expect(reasons).toContain(reason);
  expect(await loadSampleArchive(database.ctx)).toMatchObject({ messages: 0, duplicates: 600 });
  expect(await listImports(database.ctx)).toHaveLength(2);
  const [newest] = await database.db.$queryRaw<{ age: number }[]>`select extract(epoch from now() - max(sent_at))::int / 86400 as age from mail_messages`;
  expect(newest?.age).toBeLessThanOrEqual(2);
});
