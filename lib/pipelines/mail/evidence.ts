/** What is known of a sender domain before anyone judges it. */
import { z } from "zod";
import type { Db } from "#lib/db/client";

/** Messages of a domain that are looked at, the newest ones: a mailbox provider may have a million. */
const LOOKED_AT = 500;

const Ratio = z.number().nullable().transform((value) => value ?? 0);

export const Evidence = z.object({
  domain: z.string(),
  /** All of them, not only those looked at. */
  messages: z.number(),
  senderNames: z.array(z.string()),
  /** The sending service of most of its messages. */
  esp: z.string(),
  bulkRatio: Ratio,
  automatedRatio: Ratio,
  replyRatio: Ratio,
  listRatio: Ratio,
  complexity: Ratio,
  newest: z.object({ subject: z.string(), body: z.string() }),
  /** Of the 20 newest messages, the newest first. */
  subjects: z.array(z.string()),
  /** Types of offers, commonest first. */
  offers: z.array(z.string()),
  entities: z.array(z.object({ kind: z.string(), value: z.string(), relationship: z.string().nullable() })),
});
export type Evidence = z.infer<typeof Evidence>;

/**
 * Reads a domain's evidence from its newest messages: one index range scan and as many lookups as `LOOKED_AT`.
 * Bodies are read of the newest message alone, and only their beginning.
 */
export async function readEvidence(db: Db, domain: string): Promise<Evidence> {
  const [row] = await db.$queryRaw<unknown[]>`
    with newest as materialized (
      select p.message_id, p.sender_name, p.esp, p.is_bulk, p.is_automated, p.is_reply, p.list_id, row_number() over (order by p.message_id desc) as nth
        from parsed_metadata p
       where p.sender_domain = ${domain}
       order by p.message_id desc
       limit ${LOOKED_AT}
    ), offered as (
      select o.value->>'type' as type, count(*) as times
        from newest n
        join parsed_content c on c.message_id = n.message_id
       cross join lateral jsonb_array_elements(case when jsonb_typeof(c.offers) = 'array' then c.offers else '[]'::jsonb end) o(value)
       where o.value->>'type' is not null
       group by 1
    ), named as (
      select e.kind, e.value, max(e.relationship) as relationship, max(e.confidence) as confidence, count(*) as times
        from newest n
        join extracted_entities e on e.message_id = n.message_id
       where n.nth <= 20
       group by 1, 2
       order by times desc, confidence desc, e.kind, e.value
       limit 20
    )
    select ${domain} as "domain",
           (select count(*)::int from parsed_metadata where sender_domain = ${domain}) as "messages",
           coalesce((select array_agg(s.sender_name order by s.times desc, s.sender_name) from (select sender_name, count(*) as times from newest where sender_name is not null group by 1 order by 2 desc, 1 limit 5) s), '{}') as "senderNames",
           coalesce((select mode() within group (order by esp) from newest), '') as "esp",
           (select avg(is_bulk::int)::float8 from newest) as "bulkRatio",
           (select avg(is_automated::int)::float8 from newest) as "automatedRatio",
           (select avg(is_reply::int)::float8 from newest) as "replyRatio",
           (select avg((list_id is not null)::int)::float8 from newest) as "listRatio",
           (select avg(c.template_complexity)::float8 from newest n join parsed_content c on c.message_id = n.message_id) as "complexity",
           coalesce((select jsonb_build_object('subject', coalesce(m.subject, ''), 'body', coalesce(left(c.body, 8000), ''))
                       from newest n join mail_messages m on m.id = n.message_id left join parsed_content c on c.message_id = n.message_id
                      where n.nth = 1), '{"subject":"","body":""}') as "newest",
           coalesce((select array_agg(coalesce(m.subject, '') order by n.nth) from newest n join mail_messages m on m.id = n.message_id where n.nth <= 20), '{}') as "subjects",
           coalesce((select array_agg(type order by times desc, type) from offered), '{}') as "offers",
           coalesce((select jsonb_agg(jsonb_build_object('kind', kind, 'value', value, 'relationship', relationship) order by times desc, confidence desc, kind, value) from named), '[]') as "entities"`;
  return Evidence.parse(row);
}
