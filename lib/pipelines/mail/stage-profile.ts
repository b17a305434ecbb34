/** Stage profile: one profile per sender domain, what the sender is to us, and the gems in it. No model is asked. */
import { z } from "zod";
import type { Db } from "#lib/db/client";
import { defineStage, unit, wave, type Json, type UnitCtx } from "#lib/engine/define";
import { saveConsolidation, saveGems } from "./gem-rows.ts";
import { findGems } from "./gems.ts";
import { type Facts, type Owner, readArchiveNow, readFacts, readOwner } from "./profile-facts.ts";
import { authQualityOf, companyNameOf, scoreOf, sophisticationOf, trendOf } from "./profile.ts";
import { type Detected, detectRelationship, saveRelationship } from "./relationships.ts";
import { storable } from "#lib/db/storable";

const params = z.object({ batchSize: z.int().min(1).max(500).default(25).describe("Sender domains per unit") });
type Params = z.infer<typeof params>;
/** `now` is the archive's, so that all units of a run count days from the same one. */
type Input = { domains: string[]; now: string; owner: Owner | null };

export const profile = defineStage("profile", {
  title: "Profile",
  description: "Makes a profile of each sender domain, what it is to us, and finds gems",
  needs: ["classify"],
  itemsName: "profiles",
  rowsName: "profiles",
  params,
  rows: async (db) => {
    const [row] = await db.$queryRaw<{ n: number }[]>`select count(*)::int as n from (select 1 from sender_profiles limit 1000000) s`;
    return row?.n ?? 0;
  },
  waiting: async (db) => (await listLagging(db)).length,
  plan: async function* ({ db }, { batchSize }: Params) {
    const domains = await listLagging(db);
    const now = (await readArchiveNow(db)).toISOString();
    const owner = await readOwner(db);
    const units = [];
    for (let from = 0; from < domains.length; from += batchSize) {
      const batch = domains.slice(from, from + batchSize);
      const input: Input = { domains: batch, now, owner };
      units.push(unit(batch.length === 1 ? (batch[0] ?? "") : `${batch[0]} to ${batch.at(-1)}`, input, batch.length));
    }
    yield wave(units);
  },
  unit: async (ctx, { domains, now, owner }: Input) => {
    for (const domain of domains) {
      ctx.signal.throwIfAborted();
      try {
        await ctx.step(`profile ${domain}`, null, () => profileSender(ctx, domain, new Date(now), owner));
      } catch (error) {
        if (ctx.signal.aborted) throw error;
        ctx.items.failed({ item: domain, error });
      }
    }
  },
  settle: async (ctx) => {
    const now = await readArchiveNow(ctx.db);
    const changed = await ctx.step("compare vendors", null, async () => ctx.write((db) => saveConsolidation(db, now)));
    return { consolidationChanges: changed };
  },
});

/**
 * Domains without a profile, or with classifications newer than theirs, by name. Steps from domain to domain on the
 * index (sender_domain, updated_at): two probes a domain, however many messages there are.
 */
async function listLagging(db: Db): Promise<string[]> {
  const rows = await db.$queryRaw<{ sender_domain: string }[]>`
    with recursive domains as (
      (select sender_domain from ai_classification order by sender_domain limit 1)
      union all
      select (select a.sender_domain from ai_classification a where a.sender_domain > d.sender_domain order by a.sender_domain limit 1)
        from domains d
       where d.sender_domain is not null
    )
    select d.sender_domain
      from domains d
      left join sender_profiles p on p.sender_domain = d.sender_domain
     where d.sender_domain is not null
       and (p.sender_domain is null
            or p.classified_through < (select a.updated_at from ai_classification a where a.sender_domain = d.sender_domain order by a.updated_at desc limit 1))
     order by d.sender_domain`;
  return rows.map(({ sender_domain }) => sender_domain);
}

async function profileSender(ctx: UnitCtx<Params>, domain: string, now: Date, owner: Owner | null): Promise<Json> {
  const facts = await readFacts(ctx.db, domain, owner);
  const detected = detectRelationship(facts);
  const relationship = facts.manualRelationship ?? detected.relationship;
  const gems = findGems(facts, relationship, now);
  await ctx.write(async (db, items) => {
    await saveProfile(db, facts, { ...detected, relationship }, now);
    await saveRelationship(db, domain, detected);
    await saveGems(db, domain, gems);
    items.done();
  });
  return { relationship, confidence: detected.confidence, gems: gems.map(({ type }) => type) };
}

async function saveProfile(db: Db, facts: Facts, { relationship }: Detected, now: Date): Promise<void> {
  const row = {
    companyName: storable(companyNameOf(facts)),
    industry: facts.industry,
    companySize: facts.companySize,
    sophistication: sophisticationOf(facts),
    sophisticationTrend: trendOf(facts),
    intent: facts.intent,
    relationship,
    messageCount: facts.messages,
    firstSentAt: facts.firstSentAt,
    lastSentAt: facts.lastSentAt,
    esp: facts.esp,
    bulkRatio: facts.bulkRatio,
    initiatedRatio: 1 - facts.replyRatio,
    replyRatio: facts.replyRatio,
    authQuality: authQualityOf(facts),
    contacts: facts.contacts,
    money: facts.money,
    renewals: facts.renewals,
    offers: facts.offers,
    confidence: facts.confidence,
    score: scoreOf(facts, now),
    classifiedThrough: facts.classifiedThrough,
    profiledAt: facts.readAt,
    segmentedAt: null,
  };
  await db.senderProfile.upsert({ where: { senderDomain: facts.domain }, create: { senderDomain: facts.domain, ...row }, update: row });
}
