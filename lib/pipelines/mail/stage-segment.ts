/** Stage segment: groups senders by tables, and scores their gems. */
import { z } from "zod";
import type { Db } from "#lib/db/client";
import { defineStage, unit, wave, type Json } from "#lib/engine/define";
import { readArchiveNow } from "./profile-facts.ts";
import { daysBefore, findSegments, scoreGem, type Segmented } from "./segments.ts";

const params = z.object({ batchSize: z.int().min(1).max(500).default(25).describe("Sender profiles per unit") });
type Params = z.infer<typeof params>;
type Input = { domains: string[]; now: string };

export const segment = defineStage("segment", {
  title: "Segment",
  description: "Puts senders into segments and scores their gems",
  needs: ["profile"],
  itemsName: "profiles",
  rowsName: "senders segmented",
  params,
  rows: async (db) => countOf(await db.$queryRaw`select count(*)::int as n from (select 1 from sender_profiles where segmented_at is not null limit 1000000) s`),
  waiting: async (db) => countOf(await db.$queryRaw`select count(*)::int as n from (select 1 from sender_profiles where segmented_at is null limit 1000000) s`),
  plan: async function* ({ db }, { batchSize }: Params) {
    const rows = await db.senderProfile.findMany({ where: { segmentedAt: null }, orderBy: { senderDomain: "asc" }, select: { senderDomain: true } });
    const domains = rows.map(({ senderDomain }) => senderDomain);
    const now = (await readArchiveNow(db)).toISOString();
    const units = [];
    for (let from = 0; from < domains.length; from += batchSize) {
      const batch = domains.slice(from, from + batchSize);
      const input: Input = { domains: batch, now };
      units.push(unit(batch.length === 1 ? (batch[0] ?? "") : `${batch[0]} to ${batch.at(-1)}`, input, batch.length));
    }
    yield wave(units);
  },
  unit: async (ctx, { domains, now }: Input) => {
    await ctx.step(`segment ${domains.length === 1 ? domains[0] : `${domains[0]} to ${domains.at(-1)}`}`, { senders: domains.length }, () =>
      ctx.write(async (db, items) => {
        const done = await segmentSenders(db, domains, new Date(now));
        items.done(done.profiles);
        return done;
      }),
    );
  },
});

const countOf = (rows: unknown): number => z.array(z.object({ n: z.number() })).parse(rows)[0]?.n ?? 0;

/**
 * Reads and writes in one transaction with the profiles locked, so that a profile made again meanwhile is not marked as seen.
 * Segments that a person set stay as they are; of the others what is not found again goes.
 */
async function segmentSenders(db: Db, domains: string[], now: Date): Promise<{ profiles: number; segments: number; gems: number } & Json> {
  // Locked in one order everywhere, so that two transactions never wait for each other.
  await db.$queryRaw`select 1 from sender_profiles where sender_domain = any(${domains}::text[]) order by sender_domain for no key update`;
  const profiles = await db.senderProfile.findMany({ where: { senderDomain: { in: domains }, segmentedAt: null } });
  const gems = await db.gem.findMany({ where: { senderDomain: { in: domains }, status: { not: "expired" } }, select: { id: true, senderDomain: true, type: true } });
  const segments: object[] = [];
  const scores: object[] = [];
  for (const profile of profiles) {
    const own = gems.filter(({ senderDomain }) => senderDomain === profile.senderDomain);
    const sender: Segmented = {
      ...profile,
      messages: profile.messageCount,
      contacts: Array.isArray(profile.contacts) ? profile.contacts.length : 0,
      amounts: Array.isArray(profile.money) ? profile.money.length : 0,
      days: daysBefore(profile.lastSentAt, now),
      gems: own.map(({ type }) => type),
    };
    for (const { segment: name, subSegment, confidence, reason } of findSegments(sender)) segments.push({ sender_domain: profile.senderDomain, segment: name, sub_segment: subSegment, confidence, reason });
    for (const { id, type } of own) {
      const parts = scoreGem(type, sender);
      scores.push({ id: Number(id), score: parts.total, parts });
    }
  }
  const seen = profiles.map(({ senderDomain }) => senderDomain);
  await db.$executeRaw`
    with found as (
      select * from jsonb_to_recordset(${JSON.stringify(segments)}::jsonb) as f(sender_domain text, segment text, sub_segment text, confidence float8, reason text)
    ), gone as (
      delete from sender_segments s
       where s.sender_domain = any(${seen}::text[]) and s.source = 'auto'
         and not exists (select 1 from found f where f.sender_domain = s.sender_domain and f.segment = s.segment)
    )
    insert into sender_segments (sender_domain, segment, sub_segment, confidence, source, reason)
    select sender_domain, segment, sub_segment, confidence, 'auto', reason from found
    on conflict (sender_domain, segment) do update
      set sub_segment = excluded.sub_segment, confidence = excluded.confidence, reason = excluded.reason, updated_at = now()
    where sender_segments.source = 'auto'`;
  await db.$executeRaw`
    update gems g
       set score = f.score, score_parts = f.parts
      from jsonb_to_recordset(${JSON.stringify(scores)}::jsonb) as f(id bigint, score int, parts jsonb)
     where g.id = f.id`;
  const marked = await db.$executeRaw`update sender_profiles set segmented_at = now() where sender_domain = any(${seen}::text[])`;
  return { profiles: marked, segments: segments.length, gems: scores.length };
}
