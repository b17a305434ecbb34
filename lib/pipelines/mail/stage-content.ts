import { sql } from "#lib/db/client";
import { defineStage, type UnitCtx } from "#lib/engine/define";
import type { Content } from "./content.ts";
import { BatchParams, breathe, countRows, countWaiting, eachChunk, planRanges, type Range, rowsJson } from "./message-batches.ts";

/**
 * How much of a message is read for its content, in bytes. What people write stands at the beginning; what follows in
 * messages this large is attachments. It bounds the memory of a unit: parsing takes several times this.
 */
const READ_BYTES = 2_000_000;

const WAITS = sql`metadata_at is not null and content_at is null`;

export const content = defineStage("content", {
  title: "Content",
  description: "Reads each message's body: clean text, headline, calls to action, offers, links and how elaborate its template is",
  itemsName: "messages",
  rowsName: "content rows",
  needs: ["metadata"],
  params: BatchParams,
  rows: (db) => countRows(db, sql`parsed_content`),
  waiting: (db) => countWaiting(db, WAITS),
  plan: (ctx, params) => planRanges(ctx, WAITS, params),
  unit: async (ctx: UnitCtx<BatchParams>, range: Range) => {
    const { readContent } = await import("./content.ts");
    await eachChunk(ctx, range, WAITS, async (ids) => {
      const rows: (Content & { message_id: number })[] = [];
      for (const id of ids) {
        // One at a time: fifty large messages would not fit beside each other.
        const [found] = await ctx.db.$queryRaw<{ raw: Uint8Array; headerBytes: number; isCut: boolean }[]>`
          select substring(raw from 1 for ${READ_BYTES}::int) as raw, header_bytes as "headerBytes", octet_length(raw) > ${READ_BYTES}::int as "isCut"
            from mail_raw where message_id = ${id}`;
        const read = await readContent(found?.raw ?? null, found?.headerBytes ?? 0);
        const problem = found?.isCut ? [`Only its first ${READ_BYTES / 1_000_000} MB were read.`, read.problem].filter(Boolean).join(" ") : read.problem;
        rows.push({ message_id: id, ...read, problem });
        await breathe(ctx.signal);
      }
      return {
        output: { messages: rows.length, problems: rows.filter(({ problem }) => problem).length },
        write: async (db, items) => {
          const made = await db.$queryRaw<unknown[]>`
            insert into parsed_content (message_id, body, signature, headline, has_html, word_count, ctas, links, link_domains, link_intents, offers, personalization,
                   tracking_pixels, image_count, utm, postal_address, social_links, attachments, template_complexity, problem)
            select * from jsonb_to_recordset(${rowsJson(rows)}::jsonb) as r(message_id bigint, body text, signature text, headline text, has_html boolean, word_count int, ctas jsonb,
                   links jsonb, link_domains text[], link_intents jsonb, offers jsonb, personalization text[], tracking_pixels int, image_count int, utm jsonb,
                   postal_address text, social_links text[], attachments jsonb, template_complexity int, problem text)
            on conflict (message_id) do nothing returning 1`;
          await db.$executeRaw`update mail_messages set content_at = now() where id = any(${ids}::bigint[]) and content_at is null`;
          items.done(made.length);
        },
      };
    });
  },
});
