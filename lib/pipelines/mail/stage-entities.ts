import { z } from "zod";
import { sql } from "#lib/db/client";
import { defineStage, type UnitCtx } from "#lib/engine/define";
import { messageOf } from "#lib/errors";
import type { Entity, Scanned } from "./entities.ts";
import { BatchParams, breathe, countRows, countWaiting, eachChunk, planRanges, type Range, rowsJson } from "./message-batches.ts";

const WAITS = sql`content_at is not null and entities_at is null`;

const EntityParams = BatchParams.extend({
  money: z.boolean().default(true).describe("Look for sums of money."),
  dates: z.boolean().default(true).describe("Look for dates, and for renewals, expirations and deadlines among them."),
  procurement: z.boolean().default(true).describe("Look for words of buying and selling, such as RFP and purchase order."),
});
type EntityParams = z.infer<typeof EntityParams>;
type Found = { message_id: number; entities: Entity[]; problem: string | null };

export const entities = defineStage("entities", {
  title: "Entities",
  description: "Finds people, organisations, places, sums of money, dates, roles and procurement words in each message",
  itemsName: "messages",
  rowsName: "messages searched",
  needs: ["content"],
  params: EntityParams,
  rows: (db) => countRows(db, sql`entity_scans`),
  waiting: (db) => countWaiting(db, WAITS),
  plan: (ctx, params) => planRanges(ctx, WAITS, params),
  unit: async (ctx: UnitCtx<EntityParams>, range: Range) => {
    const { BODY_CHARS, findEntities } = await import("./entities.ts");
    await eachChunk(ctx, range, WAITS, async (ids) => {
      const messages = await ctx.db.$queryRaw<(Scanned & { id: bigint })[]>`
        select m.id, m.sent_at as "sentAt", p.sender_name as "senderName", p.sender_address as "senderAddress", coalesce(p.sender_domain, '(none)') as "senderDomain",
               coalesce(p.to_addresses, '{}') as "toAddresses", coalesce(p.cc_addresses, '{}') as "ccAddresses", coalesce(p.is_automated, false) as "isAutomated",
               coalesce(p.is_bulk, false) as "isBulk", coalesce(left(c.body, ${BODY_CHARS}::int), '') as body, c.signature
          from mail_messages m left join parsed_metadata p on p.message_id = m.id left join parsed_content c on c.message_id = m.id
         where m.id = any(${ids}::bigint[]) order by m.id`;
      const scans: Found[] = [];
      for (const message of messages) {
        scans.push({ message_id: Number(message.id), ...scanSafely(() => findEntities(message, ctx.params)) });
        await breathe(ctx.signal);
      }
      const found = scans.flatMap((scan) => scan.entities.map((entity) => ({ message_id: scan.message_id, ...entity })));
      return {
        output: { messages: scans.length, entities: found.length, problems: scans.filter(({ problem }) => problem).length },
        write: async (db, items) => {
          await db.$executeRaw`
            insert into extracted_entities (message_id, kind, value, origin, confidence, relationship, amount, currency, on_date)
            select * from jsonb_to_recordset(${rowsJson(found)}::jsonb) as r(message_id bigint, kind text, value text, origin text, confidence float8, relationship text, amount numeric, currency char(3), on_date date)
            on conflict (message_id, kind, origin, value) do nothing`;
          const made = await db.$queryRaw<unknown[]>`
            insert into entity_scans (message_id, entities, problem)
            select r.message_id, jsonb_array_length(r.entities), r.problem from jsonb_to_recordset(${rowsJson(scans)}::jsonb) as r(message_id bigint, entities jsonb, problem text)
            on conflict (message_id) do nothing returning 1`;
          await db.$executeRaw`update mail_messages set entities_at = now() where id = any(${ids}::bigint[]) and entities_at is null`;
          // A message counts once it was looked at, also when there is nothing in it.
          items.done(made.length);
        },
      };
    });
  },
});

function scanSafely(find: () => Entity[]): Omit<Found, "message_id"> {
  try {
    return { entities: find(), problem: null };
  } catch (error) {
    return { entities: [], problem: `Entities could not be looked for: ${messageOf(error)}`.slice(0, 500) };
  }
}
