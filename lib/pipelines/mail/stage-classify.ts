/** Stage classify: one question per sender domain, its answer kept for each message that waited. */
import { z } from "zod";
import { sql, type Db } from "#lib/db/client";
import { aiSnapshot } from "#lib/ai/provider";
import { defineStage, unit, wave, type Json, type UnitCtx } from "#lib/engine/define";
import { applyOverrides, Classification, CLASSIFY, classifyPrompt, parseOverride } from "./classification.ts";
import { readEvidence } from "./evidence.ts";
import { classifyLocally } from "./local-analyser.ts";
import { applyToRows, lockDomain, readCorrections, readOverrides } from "./overrides.ts";
import { storable } from "#lib/db/storable";

/** Messages written per transaction: a mailbox provider's domain may have hundreds of thousands. */
const CHUNK = 5_000;
/** What a count on a card stops at. */
const COUNT_BOUND = 1_000_000;

const params = z.object({
  retrain: z.boolean().default(false).describe("Also ask again about senders with overrides newer than their classification, and show the latest overrides as corrections"),
  batchSize: z.int().min(1).max(500).default(25).describe("Sender domains per unit"),
});
type Params = z.infer<typeof params>;

/** `everything`: all messages of the domain are written again, not only those that wait. */
type Sender = { domain: string; everything: boolean };
type Input = { senders: Sender[] };

export const classify = defineStage("classify", {
  title: "Classify",
  description: "Asks once per sender domain for industry, size, intent and relationship",
  needs: ["entities"],
  itemsName: "messages",
  rowsName: "classifications",
  params,
  snapshot: aiSnapshot,
  prompts: [CLASSIFY],
  rows: async (db) => countOf(await db.$queryRaw`select count(*)::int as n from (select 1 from ai_classification limit ${COUNT_BOUND}) s`),
  waiting: async (db) => countOf(await db.$queryRaw`select count(*)::int as n from (select 1 from mail_messages where entities_at is not null and classified_at is null limit ${COUNT_BOUND}) s`),
  plan: async function* ({ db }, { retrain, batchSize }: Params) {
    const senders = await listSenders(db, retrain);
    const units = [];
    for (let from = 0; from < senders.length; from += batchSize) {
      const batch = senders.slice(from, from + batchSize);
      const input: Input = { senders: batch.map(({ domain, everything }) => ({ domain, everything })) };
      units.push(unit(batch.length === 1 ? (batch[0]?.domain ?? "") : `${batch[0]?.domain} to ${batch.at(-1)?.domain}`, input, batch.reduce((sum, { messages }) => sum + messages, 0)));
    }
    yield wave(units);
  },
  unit: async (ctx, { senders }: Input) => {
    let failed = 0;
    for (const sender of senders) {
      ctx.signal.throwIfAborted();
      try {
        await ctx.step(`classify ${sender.domain}`, { everything: sender.everything }, () => classifySender(ctx, sender));
      } catch (error) {
        if (ctx.signal.aborted) throw error;
        failed += 1;
        // Its messages stay unclassified, so a later run takes them; the others of the batch go on.
        ctx.items.failed({ item: sender.domain, error });
      }
    }
    return { senders: senders.length, failed };
  },
});

const countOf = (rows: unknown): number => z.array(z.object({ n: z.number() })).parse(rows)[0]?.n ?? 0;

/** Domains with waiting messages; for a retrain also those with an override newer than one of their classifications. */
async function listSenders(db: Db, retrain: boolean): Promise<(Sender & { messages: number })[]> {
  const corrected = retrain
    ? sql`
      select distinct coalesce(o.sender_domain, p.sender_domain) as domain
        from classification_overrides o
        left join parsed_metadata p on p.message_id = o.message_id
       where exists (select 1 from ai_classification a where a.sender_domain = coalesce(o.sender_domain, p.sender_domain) and a.created_at < o.created_at)`
    : sql`select null::text as domain where false`;
  return db.$queryRaw<(Sender & { messages: number })[]>`
    with corrected as (${corrected}), found as (
      select p.sender_domain as domain, false as everything, count(*)::int as messages
        from mail_messages m
        join parsed_metadata p on p.message_id = m.id
       where m.entities_at is not null and m.classified_at is null
         and p.sender_domain not in (select domain from corrected)
       group by 1
      union all
      select c.domain, true, (select count(*)::int from parsed_metadata p join mail_messages m on m.id = p.message_id where p.sender_domain = c.domain and m.entities_at is not null)
        from corrected c
    )
    select domain, everything, messages from found order by domain`;
}

async function classifySender(ctx: UnitCtx<Params>, { domain, everything }: Sender): Promise<Json> {
  const { at, corrections } = await readCorrections(ctx.db, domain);
  const evidence = await readEvidence(ctx.db, domain);
  const { value, provider, model } = await ctx.llm.generate({
    role: "classify",
    subject: domain,
    template: CLASSIFY,
    system: CLASSIFY.system,
    prompt: classifyPrompt(evidence, ctx.params.retrain ? corrections : []),
    schema: Classification,
    local: () => classifyLocally(evidence),
  });
  let written = 0;
  for (let after = 0; ; ) {
    const ids = await nextMessages(ctx.db, domain, everything, after);
    if (ids.length === 0) break;
    written += await ctx.write(async (db, items) => {
      const rows = await writeChunk(db, { domain, ids, value, provider, model, askedAt: at });
      items.done(rows);
      return rows;
    });
    after = ids.at(-1) ?? 0;
  }
  const { industry, intent, relationship, confidence } = value;
  return { messages: written, industry, intent, relationship, confidence, provider, model };
}

async function nextMessages(db: Db, domain: string, everything: boolean, after: number): Promise<number[]> {
  const rows = await db.$queryRaw<{ id: number }[]>`
    select m.id::float8 as id
      from parsed_metadata p
      join mail_messages m on m.id = p.message_id
     where p.sender_domain = ${domain} and p.message_id > ${after} and m.entities_at is not null ${everything ? sql`` : sql`and m.classified_at is null`}
     order by p.message_id
     limit ${CHUNK}`;
  return rows.map(({ id }) => id);
}

type Chunk = { domain: string; ids: number[]; value: Classification; provider: string; model: string; askedAt: Date };

/**
 * Writes the answer for these messages, people's words already in it. `created_at` is when the corrections were read,
 * not when the answer came, so that a word set in between counts as newer and a retrain takes it.
 */
async function writeChunk(db: Db, { domain, ids, value, provider, model, askedAt }: Chunk): Promise<number> {
  await lockDomain(db, domain);
  const overrides = await readOverrides(db, domain);
  const row = applyOverrides(value, overrides.sender, []);
  const written = await db.$executeRaw`
    insert into ai_classification (message_id, sender_domain, industry, company_size, sophistication, intent, relationship, confidence, summary, has_override, provider, model, created_at, updated_at)
    select id, ${domain}, ${row.industry}, ${row.company_size}, ${row.sophistication}, ${row.intent}, ${row.relationship}, ${row.confidence}, ${storable(row.summary)}, ${row.hasOverride}, ${provider}, ${model}, ${askedAt}, clock_timestamp()
      from unnest(${ids}::bigint[]) as id
    on conflict (message_id) do update
      set sender_domain = excluded.sender_domain, industry = excluded.industry, company_size = excluded.company_size, sophistication = excluded.sophistication, intent = excluded.intent,
          relationship = excluded.relationship, confidence = excluded.confidence, summary = excluded.summary, has_override = excluded.has_override, provider = excluded.provider, model = excluded.model,
          created_at = excluded.created_at, updated_at = excluded.updated_at`;
  const held = new Set(ids);
  for (const { messageId, override } of overrides.messages) {
    if (held.has(messageId) && parseOverride(override)) await applyToRows(db, domain, override, messageId);
  }
  await db.$executeRaw`update mail_messages set classified_at = clock_timestamp() where id = any(${ids}::bigint[]) and classified_at is null`;
  return written;
}
