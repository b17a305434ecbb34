/** Gems as they are kept: found again they are updated, gone they expire, and what a person did stays. */
import { z } from "zod";
import { sql, type Db, type Sql } from "#lib/db/client";
import { storable } from "#lib/db/storable";
import { DORMANT_DAYS, type FoundGem } from "./gems.ts";

/** So many vendors of one industry are worth a thought about having fewer. */
const VENDORS_FROM = 3;

/** Writes a sender's gems and lets those expire whose reason is gone; of type `vendor_consolidation` neither, since it is not found in one sender. */
export async function saveGems(db: Db, domain: string, found: FoundGem[]): Promise<void> {
  await upsertGems(db, found.map((gem) => ({ domain, ...gem })));
  await expireGems(db, sql`g.sender_domain = ${domain} and g.type <> 'vendor_consolidation'`, found.map(({ type, subjectKey }) => ({ domain, type, subjectKey })));
}

/**
 * Compares all vendors: an industry with three or more of them, each heard of within the last year, is a gem on each.
 * Senders whose gems changed by it are scored again by the segment stage.
 */
export async function saveConsolidation(db: Db, now: Date): Promise<number> {
  const rows = await db.$queryRaw<unknown[]>`
    with vendors as (
      select p.sender_domain, p.industry
        from sender_profiles p
       where p.relationship = 'vendor' and p.industry not in ('other', 'personal')
         and p.last_sent_at >= ${now}::timestamptz - make_interval(days => ${DORMANT_DAYS.to})
         and not exists (select 1 from domain_exclusions e where e.sender_domain = p.sender_domain)
    )
    select v.sender_domain as domain, v.industry, s.vendors, s.names
      from vendors v
      join (select industry, count(*)::int as vendors, (array_agg(sender_domain order by sender_domain))[1:10] as names from vendors group by 1 having count(*) >= ${VENDORS_FROM}) s using (industry)
     order by 1`;
  const found = z.array(z.object({ domain: z.string(), industry: z.string(), vendors: z.number(), names: z.array(z.string()) })).parse(rows).map(({ domain, industry, vendors, names }) => ({
    domain,
    type: "vendor_consolidation" as const,
    subjectKey: industry,
    title: `${vendors} vendors in ${industry.replaceAll("_", " ")}`,
    reason: `Besides ${domain}: ${names.filter((name) => name !== domain).slice(0, 5).join(", ")}${vendors > 6 ? " and others" : ""}.`,
    evidence: { facts: { vendors, industry } },
  }));
  const changed = [...(await upsertGems(db, found)), ...(await expireGems(db, sql`g.type = 'vendor_consolidation'`, found))];
  if (changed.length > 0) await db.$executeRaw`update sender_profiles set segmented_at = null where sender_domain = any(${changed}::text[]) and segmented_at is not null`;
  return changed.length;
}

type Kept = FoundGem & { domain: string };

/** Returns the domains of those that are new or say something else now. One that the pipeline itself had let expire is open again. */
async function upsertGems(db: Db, gems: Kept[]): Promise<string[]> {
  if (gems.length === 0) return [];
  const input = JSON.stringify(gems.map((gem) => ({
    sender_domain: gem.domain, type: gem.type, subject_key: storable(gem.subjectKey), title: storable(gem.title), reason: storable(gem.reason), evidence: JSON.parse(storable(JSON.stringify(gem.evidence))),
  })));
  const rows = await db.$queryRaw<{ sender_domain: string }[]>`
    insert into gems (sender_domain, type, subject_key, title, reason, evidence)
    select distinct on (sender_domain, type, subject_key) sender_domain, type, subject_key, title, reason, evidence
      from jsonb_to_recordset(${storable(input)}::jsonb) as f(sender_domain text, type text, subject_key text, title text, reason text, evidence jsonb)
    on conflict (sender_domain, type, subject_key) do update
      set title = excluded.title, reason = excluded.reason, evidence = excluded.evidence, seen_at = now(),
          status_at = case when gems.status = 'expired' and gems.status_by is null then now() else gems.status_at end,
          status = case when gems.status = 'expired' and gems.status_by is null then 'new' else gems.status end
      where gems.reason is distinct from excluded.reason or gems.title is distinct from excluded.title or gems.evidence is distinct from excluded.evidence
         or (gems.status = 'expired' and gems.status_by is null)
    returning sender_domain`;
  return rows.map(({ sender_domain }) => sender_domain);
}

/** Lets expire, of those in `scope`, what was not found: only gems that are still new and for which nothing is drafted. */
async function expireGems(db: Db, scope: Sql, found: { domain: string; type: string; subjectKey: string }[]): Promise<string[]> {
  const rows = await db.$queryRaw<{ sender_domain: string }[]>`
    update gems g
       set status = 'expired', status_at = now()
     where ${scope} and g.status = 'new'
       and not exists (select 1 from engagement_drafts d where d.gem_id = g.id)
       and (g.sender_domain, g.type, g.subject_key) not in (
             select f.sender_domain, f.type, f.subject_key
               from jsonb_to_recordset(${JSON.stringify(found.map(({ domain, type, subjectKey }) => ({ sender_domain: domain, type, subject_key: storable(subjectKey) })))}::jsonb) as f(sender_domain text, type text, subject_key text))
    returning g.sender_domain`;
  return rows.map(({ sender_domain }) => sender_domain);
}
