/** Archives hold what their owner wrote beside what came in: nobody is to be drafted a letter to themselves. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { triggerAll } from "#lib/engine/trigger";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { waitFor } from "#lib/testing/wait";
import { type RunningWorker, startWorker } from "#lib/worker/main";
import { importMailStream } from "./import.ts";
import { readFacts, readOwner } from "./profile-facts.ts";

let database: TestDatabase;
let worker: RunningWorker;
beforeAll(async () => {
  database = await cloneDatabase();
  worker = await startWorker({ url: database.url, concurrency: 2, onFatal: (error) => { throw error; } });
});
afterAll(async () => {
  await worker.stop();
  await database.drop();
});

const letter = (n: number, from: string, to: string, body: string) =>
  `From x@y.test Thu Nov 20 08:15:00 2025\nFrom: ${from}\nTo: ${to}\nSubject: Number ${n}\nDate: Mon, ${n} Sep 2025 10:00:00 +0000\nMessage-ID: <${n}@${from}>\n\n${body}\n\n`;

async function* archive(owner: string) {
  for (let n = 1; n <= 12; n += 1) yield Buffer.from(letter(n, "ben@buyer.test", owner, "Could you send the quote for our RFP?"));
  for (let n = 13; n <= 18; n += 1) yield Buffer.from(letter(n, owner, "ben@buyer.test", "Could you send the purchase order for the RFP?"));
}

test("of the owner's own domain come no gems and no drafts; at a mailbox provider only the owner is left out", async () => {
  const { ctx, db } = database;
  expect(await readOwner(db)).toBeNull();
  await importMailStream(ctx, { name: "own.mbox", chunks: archive("mara@studio.test") });
  const { runIds } = await triggerAll(ctx, { pipeline: "mail" });
  await waitFor("the pipeline to end", async () => (await db.run.count({ where: { id: { in: runIds }, completedAt: null } })) === 0);
  expect(await readOwner(db)).toEqual({ address: "mara@studio.test", domain: "studio.test" });
  expect(await db.senderProfile.count()).toBe(2);
  expect(await db.gem.count({ where: { senderDomain: "studio.test" } })).toBe(0);
  expect(await db.gem.count({ where: { senderDomain: "buyer.test" } })).toBeGreaterThan(0);
  expect(await db.engagementDraft.count({ where: { toAddress: "mara@studio.test" } })).toBe(0);

  const facts = await readFacts(db, "studio.test", { address: "mara@studio.test", domain: null });
  expect(facts).toMatchObject({ isExcluded: false, contacts: [], openThreads: [] });
});
