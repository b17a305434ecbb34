import { sql } from "#lib/db/client";
import { defineStage, type UnitCtx } from "#lib/engine/define";
import { messageOf } from "#lib/errors";
import { BatchParams, breathe, countRows, countWaiting, eachChunk, planRanges, type Range, rowsJson } from "./message-batches.ts";
import type { Metadata } from "./metadata.ts";

const WAITS = sql`metadata_at is null`;

export const metadata = defineStage("metadata", {
  title: "Metadata",
  description: "Reads each message's headers: sender, sending service, SPF, DKIM and DMARC, bulk and reply marks",
  itemsName: "messages",
  rowsName: "metadata rows",
  params: BatchParams,
  rows: (db) => countRows(db, sql`parsed_metadata`),
  waiting: (db) => countWaiting(db, WAITS),
  plan: (ctx, params) => planRanges(ctx, WAITS, params),
  unit: async (ctx: UnitCtx<BatchParams>, range: Range) => {
    const { readMetadata } = await import("./metadata.ts");
    await eachChunk(ctx, range, WAITS, async (ids) => {
      // The header block only: bodies stay where they are.
      const headers = await ctx.db.$queryRaw<{ id: bigint; block: Uint8Array | null }[]>`
        select m.id, substring(r.raw from 1 for r.header_bytes) as block
          from mail_messages m left join mail_raw r on r.message_id = m.id where m.id = any(${ids}::bigint[]) order by m.id`;
      const rows: (Metadata & { message_id: number })[] = [];
      for (const { id, block } of headers) {
        rows.push({ message_id: Number(id), ...readSafely(readMetadata, block) });
        await breathe(ctx.signal);
      }
      return {
        output: { messages: rows.length, problems: rows.filter(({ problem }) => problem).length },
        write: async (db, items) => {
          const made = await db.$queryRaw<unknown[]>`
            insert into parsed_metadata (message_id, sender_address, sender_name, sender_domain, sender_host, envelope_sender, reply_to, to_addresses, cc_addresses,
                   esp, esp_confidence, esp_evidence, dkim, dkim_domain, spf, dmarc, sending_ip, mail_server, list_unsubscribe, one_click_unsubscribe, list_id,
                   is_bulk, is_automated, is_reply, precedence, x_mailer, feedback_id, "references", problem)
            select * from jsonb_to_recordset(${rowsJson(rows)}::jsonb) as r(message_id bigint, sender_address text, sender_name text, sender_domain text, sender_host text,
                   envelope_sender text, reply_to text, to_addresses text[], cc_addresses text[], esp text, esp_confidence float8, esp_evidence text[], dkim text,
                   dkim_domain text, spf text, dmarc text, sending_ip text, mail_server text, list_unsubscribe text, one_click_unsubscribe boolean, list_id text,
                   is_bulk boolean, is_automated boolean, is_reply boolean, precedence text, x_mailer text, feedback_id text, "references" text[], problem text)
            on conflict (message_id) do nothing returning 1`;
          await db.$executeRaw`update mail_messages set metadata_at = now() where id = any(${ids}::bigint[]) and metadata_at is null`;
          items.done(made.length);
        },
      };
    });
  },
  settle: async (ctx) => ({ senders: await ctx.write(recomputeTemporal) }),
});

function readSafely(readMetadata: (block: Uint8Array) => Metadata, block: Uint8Array | null): Metadata {
  try {
    const found = readMetadata(block ?? new Uint8Array());
    return block ? found : { ...found, problem: "The message's bytes are missing" };
  } catch (error) {
    return { ...readMetadata(new Uint8Array()), problem: `Headers could not be read: ${messageOf(error)}`.slice(0, 500) };
  }
}

/**
 * Writes anew when each sender writes, for the senders whose count of messages has changed: that is also true of those
 * that a cancelled run left behind. The counting reads one index only.
 */
async function recomputeTemporal(db: UnitCtx<unknown>["db"]): Promise<number> {
  return db.$executeRaw`
    insert into sender_temporal (sender_domain, message_count, dated_count, first_sent_at, last_sent_at, active_days, mean_gap_days, messages_per_week, usual_hour, usual_weekday, updated_at)
    select sender_domain, count(*)::int, count(sent_at)::int, min(sent_at), max(sent_at), count(distinct day)::int,
           case when count(sent_at) > 1 then extract(epoch from max(sent_at) - min(sent_at)) / 86400.0 / (count(sent_at) - 1) end,
           -- a sender known for less than a week is counted as if it were one
           case when count(sent_at) > 0 then count(sent_at) / greatest(extract(epoch from max(sent_at) - min(sent_at)) / 604800.0, 1) end,
           mode() within group (order by extract(hour from at_utc)::int), mode() within group (order by extract(isodow from at_utc)::int), now()
      from (select p.sender_domain, m.sent_at, m.sent_at at time zone 'UTC' as at_utc, (m.sent_at at time zone 'UTC')::date as day
              from (select c.sender_domain from (select sender_domain, count(*) as messages from parsed_metadata group by 1) c
                      left join sender_temporal t using (sender_domain) where t.message_count is distinct from c.messages) changed
              join parsed_metadata p using (sender_domain)
              join mail_messages m on m.id = p.message_id) s
     group by sender_domain
    on conflict (sender_domain) do update set message_count = excluded.message_count, dated_count = excluded.dated_count, first_sent_at = excluded.first_sent_at,
           last_sent_at = excluded.last_sent_at, active_days = excluded.active_days, mean_gap_days = excluded.mean_gap_days,
           messages_per_week = excluded.messages_per_week, usual_hour = excluded.usual_hour, usual_weekday = excluded.usual_weekday, updated_at = excluded.updated_at`;
}
