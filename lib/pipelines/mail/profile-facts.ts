/** What the stages before have found of a sender domain, as the profile's rules want it. */
import { z } from "zod";
import type { Db } from "#lib/db/client";
import { sql } from "#lib/db/client";
import { MAILBOX_PROVIDERS } from "./local-keywords.ts";

/** Messages of a domain that are weighed, the newest ones. Counts and first and last dates are of all of them. */
const WEIGHED = 3_000;
/** Open threads, contacts, amounts and dates kept of a sender. */
const KEPT = { threads: 50, contacts: 10, money: 20, renewals: 50, offers: 20, procurement: 20 };

const Ratio = z.number().nullable().transform((value) => value ?? 0);

export const Facts = z.object({
  domain: z.string(),
  /** By the database's clock. */
  readAt: z.date(),
  messages: z.number(),
  firstSentAt: z.date().nullable(),
  lastSentAt: z.date().nullable(),
  esp: z.string(),
  senderName: z.string().nullable(),
  bulkRatio: Ratio,
  automatedRatio: Ratio,
  replyRatio: Ratio,
  listRatio: Ratio,
  /** Shares of its messages that passed. */
  spf: Ratio,
  dkim: Ratio,
  dmarc: Ratio,
  unsubscribeRatio: Ratio,
  oneClickRatio: Ratio,
  listId: z.string().nullable(),
  /** 0-100; of the later and of the earlier half, for the trend; `contents` is how many messages it was counted from. */
  contents: z.number(),
  complexity: Ratio,
  complexityLate: Ratio,
  complexityEarly: Ratio,
  personalizedRatio: Ratio,
  trackedRatio: Ratio,
  industry: z.string(),
  companySize: z.string(),
  intent: z.string(),
  relationship: z.string(),
  /** Of its classifications, those with that relationship. */
  relationshipShare: Ratio,
  relationshipOverridden: z.boolean(),
  modelSophistication: Ratio,
  confidence: Ratio,
  classifiedThrough: z.date(),
  contacts: z.array(z.object({ name: z.string().nullable(), address: z.string(), role: z.string().nullable(), messages: z.number() })),
  money: z.array(z.object({ currency: z.string().nullable(), amount: z.number(), count: z.number() })),
  renewals: z.array(z.object({ date: z.string(), type: z.string(), messageId: z.number() })),
  offers: z.array(z.object({ type: z.string(), count: z.number() })),
  procurement: z.array(z.string()),
  /** Messages written by a person to us, not through a list, after which nobody wrote in the thread. */
  openThreads: z.array(z.object({ threadKey: z.string(), messageId: z.number(), subject: z.string(), body: z.string(), sentAt: z.string() })),
  /** The last thing a person wrote. */
  lastWords: z.string(),
  isExcluded: z.boolean(),
  manualRelationship: z.string().nullable(),
});
export type Facts = z.infer<typeof Facts>;

/**
 * Reads them in three statements, each an index range scan over the domain's newest messages and lookups beside it.
 *
 * What the owner of the mailbox wrote is nobody's contact and no open question; of the owner's own domain nothing is made.
 *
 * @throws ZodError when the domain has no classification; the plan names only those that have.
 */
export async function readFacts(db: Db, domain: string, owner: Owner | null = null): Promise<Facts> {
  const newest = sql`
    newest as materialized (
      select p.*, m.sent_at, m.subject, m.thread_key, row_number() over (order by p.message_id desc) as nth
        from parsed_metadata p
        join mail_messages m on m.id = p.message_id
       where p.sender_domain = ${domain}
       order by p.message_id desc
       limit ${WEIGHED}
    )`;
  const [judged] = await db.$queryRaw<object[]>`
    with ${newest}, voted as materialized (
      select a.* from newest n join ai_classification a on a.message_id = n.message_id
    ), winner as (
      select mode() within group (order by industry) as industry, mode() within group (order by company_size) as company_size,
             mode() within group (order by intent) as intent, mode() within group (order by relationship) as relationship,
             avg(sophistication)::float8 as sophistication, avg(confidence)::float8 as confidence
        from voted
    )
    select clock_timestamp()::timestamptz(3) as "readAt", w.industry as "industry", w.company_size as "companySize", w.intent as "intent", w.relationship as "relationship",
           (select avg((v.relationship = w.relationship)::int)::float8 from voted v) as "relationshipShare",
           exists (select 1 from classification_overrides where sender_domain = ${domain} and field = 'relationship') as "relationshipOverridden",
           w.sophistication as "modelSophistication", w.confidence as "confidence",
           (select max(updated_at) from ai_classification where sender_domain = ${domain}) as "classifiedThrough",
           exists (select 1 from domain_exclusions where sender_domain = ${domain}) as "isExcluded",
           (select relationship from sender_relationships where sender_domain = ${domain} and source = 'manual') as "manualRelationship"
      from winner w`;
  const [sent] = await db.$queryRaw<object[]>`
    with ${newest}, content as materialized (
      select n.nth, c.template_complexity, c.personalization, c.tracking_pixels, c.utm, ntile(2) over (order by n.nth) as half
        from newest n join parsed_content c on c.message_id = n.message_id
    )
    select ${domain} as "domain",
           (select count(*)::int from parsed_metadata where sender_domain = ${domain}) as "messages",
           coalesce((select first_sent_at from sender_temporal where sender_domain = ${domain}), min(sent_at)) as "firstSentAt",
           coalesce((select last_sent_at from sender_temporal where sender_domain = ${domain}), max(sent_at)) as "lastSentAt",
           coalesce(mode() within group (order by esp), '') as "esp", mode() within group (order by sender_name) as "senderName",
           avg(is_bulk::int)::float8 as "bulkRatio", avg(is_automated::int)::float8 as "automatedRatio", avg(is_reply::int)::float8 as "replyRatio",
           avg((list_id is not null)::int)::float8 as "listRatio", mode() within group (order by list_id) as "listId",
           avg((spf = 'pass')::int)::float8 as "spf", avg((dkim = 'pass')::int)::float8 as "dkim", avg((dmarc = 'pass')::int)::float8 as "dmarc",
           avg((list_unsubscribe is not null)::int)::float8 as "unsubscribeRatio", avg(one_click_unsubscribe::int)::float8 as "oneClickRatio",
           (select count(*)::int from content) as "contents",
           (select avg(template_complexity)::float8 from content) as "complexity",
           (select avg(template_complexity)::float8 from content where half = 1) as "complexityLate",
           (select avg(template_complexity)::float8 from content where half = 2) as "complexityEarly",
           (select avg((cardinality(personalization) > 0)::int)::float8 from content) as "personalizedRatio",
           (select avg((tracking_pixels > 0 or utm not in ('{}'::jsonb, 'null'::jsonb))::int)::float8 from content) as "trackedRatio",
           coalesce((select left(coalesce(l.subject, '') || E'\n' || coalesce(c.body, ''), 2000)
                       from newest l left join parsed_content c on c.message_id = l.message_id
                      where not l.is_bulk and not l.is_automated and l.sent_at is not null order by l.sent_at desc, l.message_id desc limit 1), '') as "lastWords",
           coalesce((select jsonb_agg(jsonb_build_object('name', s.name, 'address', s.address, 'messages', s.messages, 'role', s.role) order by s.messages desc, s.address)
                       from (select n.sender_address as address, mode() within group (order by n.sender_name) as name, count(*)::int as messages,
                                    (select mode() within group (order by e.value) from extracted_entities e where e.kind = 'role' and e.message_id = any((array_agg(n.message_id order by n.nth))[1:20])) as role
                               from newest n where n.sender_address is not null and n.sender_address is distinct from ${owner?.address ?? null} and not n.is_automated group by 1 order by 3 desc, 1 limit ${KEPT.contacts}) s), '[]') as "contacts"
      from newest`;
  const [found] = await db.$queryRaw<object[]>`
    with ${newest}, entity as materialized (
      select e.*, n.is_bulk from newest n join extracted_entities e on e.message_id = n.message_id where e.kind in ('money', 'date', 'procurement')
    )
    select coalesce((select jsonb_agg(jsonb_build_object('currency', s.currency, 'amount', s.amount, 'count', s.times) order by s.times desc, s.amount desc)
                       from (select currency, amount::float8 as amount, count(*)::int as times from entity where kind = 'money' and amount is not null group by 1, 2 order by 3 desc, 2 desc limit ${KEPT.money}) s), '[]') as "money",
           coalesce((select jsonb_agg(jsonb_build_object('date', s.on_date, 'type', s.type, 'messageId', s.message_id) order by s.on_date desc, s.type)
                       from (select on_date, split_part(relationship, ':', 1) as type, max(message_id) as message_id from entity
                              where kind = 'date' and on_date is not null and split_part(relationship, ':', 1) in ('renewal', 'expiration') group by 1, 2 order by 1 desc limit ${KEPT.renewals}) s), '[]') as "renewals",
           coalesce((select jsonb_agg(jsonb_build_object('type', s.type, 'count', s.times) order by s.times desc, s.type)
                       from (select o.value->>'type' as type, count(*)::int as times
                               from newest n join parsed_content c on c.message_id = n.message_id
                              cross join lateral jsonb_array_elements(case when jsonb_typeof(c.offers) = 'array' then c.offers else '[]'::jsonb end) o(value)
                              where o.value->>'type' is not null group by 1 order by 2 desc, 1 limit ${KEPT.offers}) s), '[]') as "offers",
           coalesce((select array_agg(s.value order by s.value) from (select distinct lower(value) as value from entity where kind = 'procurement' and not is_bulk limit ${KEPT.procurement}) s), '{}') as "procurement",
           coalesce((select jsonb_agg(jsonb_build_object('threadKey', s.thread_key, 'messageId', s.message_id, 'subject', coalesce(s.subject, ''), 'body', coalesce(left(c.body, 2000), ''), 'sentAt', to_char(s.sent_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) order by s.sent_at desc, s.message_id desc)
                       from (select n.* from newest n
                              where n.sender_address is distinct from ${owner?.address ?? null} and not n.is_bulk and not n.is_automated and n.list_id is null and n.thread_key is not null and n.sent_at is not null and n.nth <= 300
                                and not exists (select 1 from mail_messages later where later.thread_key = n.thread_key and (later.sent_at, later.id) > (n.sent_at, n.message_id))
                              order by n.sent_at desc, n.message_id desc limit ${KEPT.threads}) s
                       left join parsed_content c on c.message_id = s.message_id), '[]') as "openThreads"`;
  const facts = Facts.parse({ ...judged, ...sent, ...found });
  return owner?.domain === domain ? { ...facts, isExcluded: true } : facts;
}

/** Whose mailbox it is. `domain` is null at a public mailbox provider, where others have theirs too. */
export type Owner = { address: string; domain: string | null };

/** Letters looked at to find the owner, the newest ones; below so many, or so small a share, nobody can be told. */
const OWNER = { letters: 5_000, min: 5, share: 0.3 };

/** The address that most letters of people to people go to. An archive keeps what its owner sent beside what came in. */
export async function readOwner(db: Db): Promise<Owner | null> {
  const rows = await db.$queryRaw`
    with letters as materialized (
      select message_id, to_addresses from parsed_metadata
       where not is_bulk and list_id is null and cardinality(to_addresses) > 0
       order by message_id desc
       limit ${OWNER.letters}
    )
    select a.address as "address"
      from letters
     cross join lateral unnest(to_addresses) as a(address)
     group by a.address
    having count(*) >= greatest(${OWNER.min}::int, ${OWNER.share}::float8 * (select count(*) from letters))
     order by count(*) desc, a.address
     limit 1`;
  const [found] = z.array(z.object({ address: z.string() })).parse(rows);
  if (!found) return null;
  const { registeredDomain } = await import("./sender-domain.ts");
  const domain = registeredDomain(found.address.slice(found.address.lastIndexOf("@") + 1));
  return { address: found.address, domain: MAILBOX_PROVIDERS.has(domain) ? null : domain };
}

/**
 * "Now" as far as an archive is concerned: when its newest message was sent. Archives are old, and by the clock
 * every sender in them would be long gone. Without any date it is the database's clock.
 */
export async function readArchiveNow(db: Db): Promise<Date> {
  const [row] = await db.$queryRaw<{ now: Date }[]>`
    select coalesce((select max(last_sent_at) from sender_temporal), (select max(sent_at) from mail_messages), now()) as now`;
  return z.object({ now: z.date() }).parse(row).now;
}
