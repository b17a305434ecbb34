/** The message stages by a real worker on hand-made messages: one row each, counted once, nothing on a rerun. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { definePipeline } from "#lib/engine/define";
import { triggerRun } from "#lib/engine/trigger";
import { PIPELINES } from "#lib/pipelines/registry";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { waitFor } from "#lib/testing/wait";
import { type RunningWorker, startWorker } from "#lib/worker/main";
import { content } from "./stage-content.ts";
import { entities } from "./stage-entities.ts";
import { metadata } from "./stage-metadata.ts";

const STAGES = [metadata, content, entities];
const SENDERS = ["a@news.example.com", "b@example.com", "c@shop.example.co.uk"];

let database: TestDatabase;
let worker: RunningWorker;

beforeAll(async () => {
  const known = PIPELINES.findIndex(({ name }) => name === "mail");
  PIPELINES.splice(known < 0 ? PIPELINES.length : known, known < 0 ? 0 : 1, definePipeline("mail", { title: "Mail", description: "For the test", stages: STAGES }));
  database = await cloneDatabase();
  worker = await startWorker({ url: database.url, concurrency: 2, onFatal: (error) => { throw error; } });
  await insertMessages(MESSAGES);
});
afterAll(async () => {
  await worker.stop();
  await database.drop();
});

const letter = (n: number) => [
  `From: Person ${n} <${SENDERS[n % SENDERS.length]}>`, "To: me@example.org", `Subject: Letter ${n}`, `Date: Mon, ${1 + (n % 28)} Jun 2020 09:00:00 +0000`, `Message-ID: <${n}@example.com>`,
  "Content-Type: text/plain; charset=utf-8", "", `Hello ${n}, Maria Lopez of Acme Corporation in Berlin asks for $1,250.00 by June 30, 2030.`, "", "-- ", "Maria Lopez, CFO",
].join("\r\n");

/** Thirty ordinary letters, and what archives hold besides. */
const MESSAGES: (string | Buffer)[] = [
  ...Array.from({ length: 30 }, (_, n) => letter(n)),
  "",
  "no header at all, only text",
  "From: x@example.com\r\nSubject: half \ud800 and \0 NUL\r\n\r\nbody with \0 NUL",
  Buffer.from([0xff, 0xfe, 0x00, 0x0a, 0x0a, 0x80]),
  "From: x@example.com\r\nContent-Type: text/plain; charset=x-klingon\r\n\r\nQapla",
  "From: x@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>never closed",
  `From: x@example.com\r\nContent-Type: text/html\r\n\r\n${"<div>".repeat(20_000)}deep`,
];

async function insertMessages(raws: (string | Buffer)[]): Promise<void> {
  const { db } = database;
  const { id: importId } = await db.mailImport.create({ data: { name: "test", status: "completed" } });
  for (const [index, message] of raws.entries()) {
    const raw = Buffer.from(message as string);
    const end = raw.indexOf("\r\n\r\n");
    await db.mailMessage.create({
      data: {
        importId, position: index + 1, contentHash: createHash("sha256").update(raw).update(String(index)).digest(), sizeBytes: raw.length, sentAt: new Date(Date.UTC(2020, 5, 1 + index, 9)),
        raw: { create: { raw, headerBytes: end < 0 ? raw.length : end + 2 } },
      },
    });
  }
}

const run = async (stage: string) => {
  const { runId } = await triggerRun(database.ctx, { pipeline: "mail", stage, params: { batchSize: 10 } });
  return waitFor(`${stage} to end`, async () => {
    const found = await database.db.run.findUniqueOrThrow({ where: { id: runId } });
    return found.completedAt && found;
  });
};

test.each(STAGES.map(({ name }) => name))("%s: one row a message, counted once; a rerun has nothing to do", async (name) => {
  const stage = STAGES.find((found) => found.name === name)!;
  const messages = MESSAGES.length;
  expect(await stage.waiting?.(database.db)).toBe(messages);
  expect(await run(name)).toMatchObject({ status: "completed", itemsProcessed: messages, itemsTotal: messages, itemsFailed: 0, unitsTotal: Math.ceil(messages / 10) });
  expect(await stage.waiting?.(database.db)).toBe(0);
  expect(await stage.rows?.(database.db)).toBeGreaterThanOrEqual(messages);
  const rows = await stage.rows?.(database.db);
  expect(await run(name)).toMatchObject({ status: "skipped", itemsProcessed: 0 });
  expect(await stage.rows?.(database.db)).toBe(rows);
});

test("metadata leaves when each sender writes, also for messages that come later", async () => {
  const read = () => database.db.senderTemporal.findUniqueOrThrow({ where: { senderDomain: "example.co.uk" } });
  expect(await read()).toMatchObject({ messageCount: 10, datedCount: 10, activeDays: 10, meanGapDays: 3, usualHour: 9 });
  expect((await database.db.senderTemporal.findUniqueOrThrow({ where: { senderDomain: "(none)" } })).messageCount).toBe(3);
  await insertMessages([`${letter(2)} again`]);
  expect(await run("metadata")).toMatchObject({ status: "completed", itemsProcessed: 1 });
  expect(await read()).toMatchObject({ messageCount: 11 });
});

test("content keeps what it can of broken messages, and says what was wrong", async () => {
  const problems = await database.db.parsedContent.findMany({ where: { problem: { not: null } }, orderBy: { messageId: "asc" } });
  expect(problems.map(({ problem }) => problem)).toEqual(['Unknown charset "x-klingon": read as windows-1252', "Its last part is cut off", "Its HTML nests deeper than 1000: the rest is left out"]);
  expect(await database.db.parsedContent.findFirstOrThrow({ where: { body: { contains: "Hello 7," } } })).toMatchObject({ signature: "Maria Lopez, CFO", hasHtml: false });
  expect(await database.db.parsedContent.count({ where: { body: "body with \u2400 NUL" } })).toBe(1);
});

test("entities: a scan for every message, also where there is nothing to find", async () => {
  const { db } = database;
  const found = await db.extractedEntity.findMany({ where: { message: { position: 8, content: { body: { startsWith: "Hello 7," } } } }, select: { kind: true, value: true, origin: true, relationship: true, amount: true, onDate: true } });
  expect(found).toEqual(expect.arrayContaining([
    expect.objectContaining({ kind: "person", value: "Maria Lopez", origin: "body" }),
    expect.objectContaining({ kind: "person", value: "Person 7", origin: "sender", relationship: "decision_maker" }),
    expect.objectContaining({ kind: "organisation", value: "Acme Corporation" }),
    expect.objectContaining({ kind: "place", value: "Berlin" }),
    expect.objectContaining({ kind: "role", value: "CFO", origin: "signature" }),
    expect.objectContaining({ kind: "date", relationship: "deadline:future", onDate: new Date("2030-06-30") }),
  ]));
  expect(Number(found.find(({ kind }) => kind === "money")?.amount)).toBe(1250);
  expect(await db.entityScan.count()).toBe(MESSAGES.length);
  expect(await db.entityScan.count({ where: { entities: 0 } })).toBeGreaterThan(0);
  const sum = await db.entityScan.aggregate({ _sum: { entities: true } });
  expect(await db.extractedEntity.count()).toBe(sum._sum.entities);
});
