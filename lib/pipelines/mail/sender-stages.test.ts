/** classify, profile, segment and engage by a real worker, over rows as the stages before leave them. */
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { definePipeline } from "#lib/engine/define";
import { triggerRun } from "#lib/engine/trigger";
import { PIPELINES } from "#lib/pipelines/registry";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { waitFor } from "#lib/testing/wait";
import { startWorker, type RunningWorker } from "#lib/worker/main";
import { listOverrides, setOverride } from "./overrides.ts";
import { classify } from "./stage-classify.ts";
import { engage } from "./stage-engage.ts";
import { profile } from "./stage-profile.ts";
import { segment } from "./stage-segment.ts";

let database: TestDatabase;
let worker: RunningWorker;

type Sample = { domain: string; day: number; subject: string; body?: string; bulk?: boolean; reply?: boolean; listId?: string; thread?: string; entities?: { kind: string; value: string; relationship?: string; amount?: number; onDate?: string }[] };

/** Days are counted back from the archive's end, 1 June 2020. */
const SAMPLES: Sample[] = [
  ...[0, 1, 2, 3, 4, 5].map((day) => ({ domain: "fashionstore.test", day, subject: "Shop now: 50% off sale", bulk: true })),
  ...[40, 60, 80].map((day) => ({ domain: "buyer.test", day, subject: "Request for proposal: quote", reply: day < 80, entities: [{ kind: "procurement", value: "RFP" }, { kind: "procurement", value: "quotation" }] })),
  { domain: "buyer.test", day: 30, subject: "Tender", body: "Could you send the quote?", thread: "open@buyer.test" },
  ...["one", "two", "three"].flatMap((name) => [2, 9].map((day) => ({ domain: `${name}cloudsoftware.test`, day, subject: "Your invoice: payment due for your software", entities: [{ kind: "money", value: "$10", amount: 10 }, ...(name === "one" ? [{ kind: "date", value: "June 20", relationship: "renewal:future", onDate: "2020-06-20" }] : [])] }))),
  ...[1, 2, 3, 4].map((day) => ({ domain: "python.org", day, subject: "Re: [PATCH] review", bulk: true, reply: true, listId: "dev.python.org" })),
  ...[20, 30, 50].map((day) => ({ domain: "ally.test", day, subject: "Partnership: collaborate as reseller partner", reply: true })),
  { domain: "excluded.test", day: 20, subject: "Could you advise on the RFP quote?", entities: [{ kind: "procurement", value: "RFP" }, { kind: "procurement", value: "bid" }] },
];
const DOMAINS = new Set(SAMPLES.map(({ domain }) => domain));

beforeAll(async () => {
  const tail = definePipeline("mail-tail", { title: "Mail", description: "For the test", stages: [classify, profile, segment, engage].map((stage) => ({ ...stage, needs: [] })) });
  PIPELINES.push(tail);
  database = await cloneDatabase();
  worker = await startWorker({ url: database.url, concurrency: 3, onFatal: (error) => { throw error; } });
  await insert(SAMPLES);
  await database.db.domainExclusion.create({ data: { senderDomain: "excluded.test" } });
});
afterAll(async () => {
  await worker.stop();
  await database.drop();
});

let position = 0;
async function insert(samples: Sample[]): Promise<void> {
  const { db } = database;
  const { id: importId } = await db.mailImport.create({ data: { name: "test", status: "completed" } });
  for (const { domain, day, subject, body, bulk, reply, listId, thread, entities } of samples) {
    position += 1;
    const at = new Date();
    await db.mailMessage.create({
      data: {
        importId, position, messageId: `${position}@${domain}`, threadKey: thread ?? `${position}@${domain}`, contentHash: createHash("sha256").update(String(position)).digest(), sizeBytes: 100, subject,
        sentAt: new Date(Date.UTC(2020, 5, 1) - day * 86_400_000), metadataAt: at, contentAt: at, entitiesAt: at,
        metadata: { create: { senderAddress: `mara@${domain}`, senderName: "Mara Vance", senderDomain: domain, senderHost: domain, esp: bulk ? "mailchimp" : "custom_smtp", espConfidence: 1, dkim: "pass", spf: "pass", dmarc: "none", isBulk: bulk ?? false, isAutomated: false, isReply: reply ?? false, listId: listId ?? null } },
        content: { create: { body: body ?? `${subject}.`, hasHtml: false, wordCount: 3, ctas: [], links: [], linkIntents: {}, offers: bulk && !listId ? [{ type: "discount", text: "50% off" }] : [], trackingPixels: 0, imageCount: 0, utm: {}, attachments: [], templateComplexity: bulk ? 60 : 5 } },
        entityScan: { create: { entities: entities?.length ?? 0 } },
        entities: { create: (entities ?? []).map(({ kind, value, relationship, amount, onDate }) => ({ kind, value, origin: "body", confidence: 0.8, relationship: relationship ?? null, amount: amount ?? null, currency: amount ? "USD" : null, onDate: onDate ? new Date(onDate) : null })) },
      },
    });
  }
}

async function run(stage: string, params: Record<string, unknown> = {}) {
  const { runId } = await triggerRun(database.ctx, { pipeline: "mail-tail", stage, params });
  return waitFor(`${stage} to end`, async () => {
    const found = await database.db.run.findUniqueOrThrow({ where: { id: runId }, include: { steps: { orderBy: { seq: "asc" } } } });
    return found.completedAt && found;
  });
}
const runAll = async () => { for (const stage of ["classify", "profile", "segment"]) expect(["completed", "skipped"]).toContain((await run(stage)).status); };
const snapshot = async () => {
  const { db } = database;
  const rows = await Promise.all([db.aiClassification.findMany({ orderBy: { messageId: "asc" } }), db.senderProfile.findMany({ orderBy: { senderDomain: "asc" } }), db.gem.findMany({ orderBy: { id: "asc" } }), db.senderSegment.findMany({ orderBy: [{ senderDomain: "asc" }, { segment: "asc" }] }), db.engagementDraft.findMany({ orderBy: { id: "asc" } }), db.senderRelationship.findMany({ orderBy: { senderDomain: "asc" } })]);
  return JSON.stringify(rows, (_, value) => (typeof value === "bigint" ? Number(value) : value));
};
const gemsOf = async (senderDomain: string) => (await database.db.gem.findMany({ where: { senderDomain }, orderBy: { type: "asc" } })).map(({ type, status }) => `${type} ${status}`);

test("each stage counts what it writes, and a rerun has nothing to do and changes nothing", async () => {
  const { db } = database;
  expect(await classify.waiting(db)).toBe(SAMPLES.length);
  const classified = await run("classify", { batchSize: 3 });
  expect(classified).toMatchObject({ status: "completed", itemsProcessed: SAMPLES.length, itemsTotal: SAMPLES.length, itemsFailed: 0 });
  expect(classified.steps.map(({ stepName }) => stepName).sort()).toEqual([...DOMAINS].map((domain) => `classify ${domain}`).sort());
  expect(await db.aiClassification.count()).toBe(SAMPLES.length);
  expect(await db.llmCall.count({ where: { role: "classify", provider: "local", subject: { in: [...DOMAINS] } } })).toBe(DOMAINS.size);
  expect(await profile.waiting(db)).toBe(DOMAINS.size);
  expect(await run("profile", { batchSize: 4 })).toMatchObject({ status: "completed", itemsProcessed: DOMAINS.size });
  expect(await segment.waiting(db)).toBe(DOMAINS.size);
  expect(await run("segment", { batchSize: 4 })).toMatchObject({ status: "completed", itemsProcessed: DOMAINS.size });
  const waiting = await engage.waiting(db);
  expect(waiting).toBe(await db.gem.count());
  expect(await run("engage", { dailyLimit: 3 })).toMatchObject({ status: "completed", itemsProcessed: 3 });
  expect(await db.engagementDraft.count()).toBe(3);
  const limited = await run("engage", { dailyLimit: 3 });
  expect(limited).toMatchObject({ status: "skipped", itemsProcessed: 0 });
  expect(await run("engage", { dailyLimit: 1000 })).toMatchObject({ status: "completed", itemsProcessed: waiting - 3 });
  expect(await engage.waiting(db)).toBe(0);

  const before = await snapshot();
  for (const stage of ["classify", "profile", "segment", "engage"]) expect(await run(stage), stage).toMatchObject({ status: "skipped", itemsProcessed: 0 });
  expect(await run("classify", { retrain: true })).toMatchObject({ status: "skipped" });
  expect(await snapshot()).toBe(before);
});

test("gems follow their rules", async () => {
  expect(await gemsOf("buyer.test")).toEqual(["dormant_relationship new", "procurement_interest new", "unanswered_thread new"]);
  expect(await gemsOf("onecloudsoftware.test")).toEqual(["renewal_upcoming new", "vendor_consolidation new"]);
  expect(await gemsOf("python.org")).toEqual(["distribution_list new"]);
  expect(await gemsOf("fashionstore.test")).toEqual(["industry_insight new"]);
  expect(await gemsOf("ally.test")).toEqual(["dormant_relationship new", "partnership new"]);
  expect(await gemsOf("excluded.test")).toEqual([]);
  const scored = await database.db.gem.findMany();
  expect(scored.every(({ score, scoreParts }) => score !== null && score >= 0 && score <= 100 && scoreParts !== null)).toBe(true);
  const draft = await database.db.engagementDraft.findFirstOrThrow({ where: { gem: { type: "unanswered_thread" } } });
  expect(draft).toMatchObject({ strategy: "answer", toAddress: "mara@buyer.test", subject: "Re: Tender", status: "draft", provider: "local" });
});

test("what people did survives: relationship, segment, gem status, edited draft; an undrafted gem whose reason is gone expires", async () => {
  const { db } = database;
  await db.senderRelationship.upsert({ where: { senderDomain: "ally.test" }, create: { senderDomain: "ally.test", relationship: "customer", confidence: 1, source: "manual", evidence: [] }, update: { relationship: "customer", source: "manual", confidence: 1 } });
  await db.senderSegment.upsert({ where: { senderDomain_segment: { senderDomain: "buyer.test", segment: "prospect" } }, create: { senderDomain: "buyer.test", segment: "prospect", subSegment: "by_hand", confidence: 1, source: "manual", reason: "said so" }, update: { subSegment: "by_hand", source: "manual" } });
  const dismissed = await db.gem.findFirstOrThrow({ where: { senderDomain: "buyer.test", type: "procurement_interest" } });
  await db.gem.update({ where: { id: dismissed.id }, data: { status: "dismissed", statusBy: "mara" } });
  const draft = await db.engagementDraft.findFirstOrThrow({ where: { gem: { senderDomain: "buyer.test", type: "unanswered_thread" } } });
  await db.engagementDraft.update({ where: { id: draft.id }, data: { body: "My own words", editedBy: "mara" } });
  await db.engagementDraft.deleteMany({ where: { gem: { senderDomain: "ally.test" } } });

  // Somebody answered buyer.test's question, and both senders wrote again.
  await insert([{ domain: "me.test", day: 1, subject: "Re: Tender", thread: "open@buyer.test", reply: true }, { domain: "buyer.test", day: 0, subject: "Thanks for the quote" }, { domain: "ally.test", day: 0, subject: "Partnership again" }]);
  await runAll();

  expect(await db.senderRelationship.findUnique({ where: { senderDomain: "ally.test" } })).toMatchObject({ relationship: "customer", source: "manual" });
  expect(await db.senderProfile.findUnique({ where: { senderDomain: "ally.test" } })).toMatchObject({ relationship: "customer", messageCount: 4 });
  expect(await db.senderSegment.findUnique({ where: { senderDomain_segment: { senderDomain: "buyer.test", segment: "prospect" } } })).toMatchObject({ subSegment: "by_hand", source: "manual" });
  expect(await db.gem.findUnique({ where: { id: dismissed.id } })).toMatchObject({ status: "dismissed", statusBy: "mara" });
  expect(await db.engagementDraft.findUnique({ where: { id: draft.id } })).toMatchObject({ body: "My own words" });
  // Drafted gems stay new though their reason is gone; the undrafted one of ally.test expired.
  expect(await gemsOf("buyer.test")).toEqual(["dormant_relationship new", "procurement_interest dismissed", "unanswered_thread new"]);
  expect(await gemsOf("ally.test")).toEqual(["dormant_relationship expired", "partnership new"]);
});

test("an override holds at once, over a sender's for one message, in later runs, and a retrain asks its sender alone again", async () => {
  const { db, ctx } = database;
  const [first, second] = await db.aiClassification.findMany({ where: { senderDomain: "buyer.test" }, orderBy: { messageId: "asc" } });
  await setOverride(ctx, { messageId: Number(first!.messageId), field: "industry", value: "legal" });
  const { changed } = await setOverride(ctx, { senderDomain: "buyer.test", field: "industry", value: "health", note: "a hospital" });
  expect(changed).toBe(4);
  expect(await db.aiClassification.findUnique({ where: { messageId: first!.messageId } })).toMatchObject({ industry: "legal", hasOverride: true });
  expect(await db.aiClassification.findUnique({ where: { messageId: second!.messageId } })).toMatchObject({ industry: "health", hasOverride: true });
  expect((await listOverrides(ctx)).map(({ value, createdBy }) => [value, createdBy])).toEqual([["health", "test"], ["legal", "test"]]);
  await expect(setOverride(ctx, { senderDomain: "buyer.test", field: "sophistication", value: "eleven" })).rejects.toMatchObject({ code: "INVALID" });
  await expect(setOverride(ctx, { senderDomain: "nobody.test", field: "industry", value: "legal" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(setOverride(ctx, { field: "industry", value: "legal" })).rejects.toMatchObject({ code: "INVALID" });

  await insert([{ domain: "buyer.test", day: 0, subject: "One more" }]);
  expect(await run("classify")).toMatchObject({ itemsProcessed: 1 });
  const retrained = await run("classify", { retrain: true });
  expect(retrained).toMatchObject({ status: "completed", itemsProcessed: 6 });
  expect(retrained.steps.map(({ stepName }) => stepName)).toEqual(["classify buyer.test"]);
  const call = await db.llmCall.findFirstOrThrow({ where: { runId: retrained.id } });
  expect(call.prompt).toContain("CORRECTION: buyer.test has industry = health (a hospital)");
  const rows = await db.aiClassification.findMany({ where: { senderDomain: "buyer.test" }, orderBy: { messageId: "asc" } });
  expect(rows.map(({ industry }) => industry)).toEqual(["legal", "health", "health", "health", "health", "health"]);
  expect(await run("classify", { retrain: true })).toMatchObject({ status: "skipped" });
  expect(await run("profile")).toMatchObject({ itemsProcessed: 1 });
  expect(await db.senderProfile.findUnique({ where: { senderDomain: "buyer.test" } })).toMatchObject({ industry: "health" });
});

test("a sender that the provider fails on fails alone, and a later run takes just that one", async () => {
  const { db } = database;
  await insert([{ domain: "good.test", day: 0, subject: "Hello" }, { domain: "bad.test", day: 0, subject: "Hello" }, { domain: "bad.test", day: 1, subject: "Hello" }, { domain: "fine.test", day: 0, subject: "Hello" }]);
  let asked = 0;
  const provider = createServer(async (request, response) => {
    asked += 1;
    let body = "";
    for await (const chunk of request) body += chunk;
    const content = body.includes("SENDER: bad.test") ? "I would rather not." : JSON.stringify({ industry: "software", company_size: "small", sophistication: 3, intent: "other", relationship: "vendor", confidence: 0.9, summary: "Said by a model." });
    response.setHeader("content-type", "application/json").end(JSON.stringify({ id: "1", object: "chat.completion", created: 1, model: "m", choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }] }));
  });
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
  process.env.PENSTOCK_AI_BASE_URL = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`;
  process.env.PENSTOCK_AI_MODEL = "m";
  try {
    const failed = await run("classify");
    expect(failed).toMatchObject({ status: "partial", itemsProcessed: 2, itemsFailed: 1 });
    expect(failed.errorMessage).toContain("bad.test");
    expect(failed.steps.map(({ stepName, status }) => `${stepName} ${status}`)).toEqual(["classify bad.test error", "classify fine.test ok", "classify good.test ok"]);
    // The one that was no JSON was asked once more.
    expect(asked).toBe(4);
  } finally {
    delete process.env.PENSTOCK_AI_BASE_URL;
    delete process.env.PENSTOCK_AI_MODEL;
    provider.close();
  }
  expect(await db.aiClassification.findFirst({ where: { senderDomain: "good.test" } })).toMatchObject({ industry: "software", model: "m", summary: "Said by a model." });
  const later = await run("classify");
  expect(later).toMatchObject({ status: "completed", itemsProcessed: 2 });
  expect(later.steps.map(({ stepName }) => stepName)).toEqual(["classify bad.test"]);
});
