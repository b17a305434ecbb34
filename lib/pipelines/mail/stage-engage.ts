/** Stage engage: drafts one message for each new gem, the best first. Drafts wait for people; nothing is ever sent. */
import { z } from "zod";
import { aiSnapshot } from "#lib/ai/provider";
import { sql, type Db } from "#lib/db/client";
import { defineStage, unit, wave, type Json, type UnitCtx } from "#lib/engine/define";
import { GEM_TYPES } from "./gems.ts";
import { Draft, draftLocally, ENGAGE, engagePrompt, type Occasion, STRATEGIES, STRATEGY_OF, typesOf } from "./strategies.ts";
import { storable } from "#lib/db/storable";

const GEMS_PER_UNIT = 10;

const params = z.object({
  dailyLimit: z.int().min(0).max(1_000).default(20).describe("Drafts a day (UTC) at most, whoever asked for them"),
  strategy: z.enum(["all", ...STRATEGIES]).default("all").describe("Draft only for gems that this strategy answers"),
});
type Params = z.infer<typeof params>;
type Input = { gemIds: number[] };

export const engage = defineStage("engage", {
  title: "Engage",
  description: "Drafts a message for each new gem, the best first; people send them or do not",
  needs: ["segment"],
  itemsName: "drafts",
  rowsName: "drafts",
  params,
  snapshot: aiSnapshot,
  prompts: [ENGAGE],
  rows: async (db) => countOf(await db.$queryRaw`select count(*)::int as n from (select 1 from engagement_drafts limit 1000000) s`),
  waiting: async (db) => countOf(await db.$queryRaw`select count(*)::int as n from (select 1 from gems g where ${undrafted} limit 1000000) s`),
  plan: async function* ({ db, log }, { dailyLimit, strategy }: Params) {
    const left = dailyLimit - (await countToday(db));
    if (left <= 0) {
      log(`The daily limit of ${dailyLimit} drafts is reached; it begins anew at midnight UTC`);
      return;
    }
    const gems = await db.$queryRaw<{ id: number }[]>`
      select g.id::float8 as id
        from gems g
       where ${undrafted} and g.type = any(${typesOf(strategy)}::text[])
       order by g.score desc nulls last, g.id
       limit ${left}`;
    const units = [];
    for (let from = 0; from < gems.length; from += GEMS_PER_UNIT) {
      const input: Input = { gemIds: gems.slice(from, from + GEMS_PER_UNIT).map(({ id }) => id) };
      units.push(unit(`gems ${from + 1}-${from + input.gemIds.length}`, input, input.gemIds.length));
    }
    yield wave(units);
  },
  unit: async (ctx, { gemIds }: Input) => {
    for (const gemId of gemIds) {
      ctx.signal.throwIfAborted();
      const gem = await readOccasion(ctx.db, gemId);
      if (!gem) continue;
      try {
        await ctx.step(`draft ${gem.occasion.domain}`, { gemId, type: gem.occasion.type, strategy: STRATEGY_OF[gem.occasion.type] }, () => draftGem(ctx, gemId, gem));
      } catch (error) {
        if (ctx.signal.aborted) throw error;
        // It stays without a draft, so a later run tries it again.
        ctx.items.failed({ item: `gem ${gemId} of ${gem.occasion.domain}`, error });
      }
    }
  },
});

const undrafted = sql`
  g.status = 'new'
  and not exists (select 1 from engagement_drafts d where d.gem_id = g.id)
  and not exists (select 1 from domain_exclusions e where e.sender_domain = g.sender_domain)`;

const countOf = (rows: unknown): number => z.array(z.object({ n: z.number() })).parse(rows)[0]?.n ?? 0;

/** Drafts made since midnight UTC, by the database's clock. */
const countToday = async (db: Db): Promise<number> =>
  countOf(await db.$queryRaw`select count(*)::int as n from engagement_drafts where created_at >= date_trunc('day', now() at time zone 'utc') at time zone 'utc'`);

const GemRow = z.object({
  domain: z.string(), companyName: z.string(), industry: z.string(), relationship: z.string(), type: z.enum(GEM_TYPES), title: z.string(), reason: z.string(),
  evidence: z.object({ quotes: z.array(z.string()).catch([]) }).catch({ quotes: [] }),
  threadSubject: z.string().nullable(), contactName: z.string().nullable(), toAddress: z.string().nullable(),
});
type Gem = { occasion: Occasion; toAddress: string | null };

/** What the draft is written from, or null when the gem is not new and undrafted any more. A thread is answered to who wrote in it; else the sender's first contact is written to. */
async function readOccasion(db: Db, gemId: number): Promise<Gem | null> {
  const rows = await db.$queryRaw<unknown[]>`
    select g.sender_domain as "domain", p.company_name as "companyName", p.industry as "industry", p.relationship as "relationship", g.type as "type", g.title as "title", g.reason as "reason", g.evidence as "evidence",
           m.subject as "threadSubject", coalesce(w.sender_name, p.contacts->0->>'name') as "contactName", coalesce(w.reply_to, w.sender_address, p.contacts->0->>'address') as "toAddress"
      from gems g
      join sender_profiles p on p.sender_domain = g.sender_domain
      left join mail_messages m on g.type = 'unanswered_thread' and m.id = (g.evidence->'messageIds'->>0)::bigint
      left join parsed_metadata w on w.message_id = m.id
     where g.id = ${gemId} and ${undrafted}`;
  const [row] = z.array(GemRow).parse(rows);
  if (!row) return null;
  const { evidence, toAddress, ...occasion } = row;
  return { occasion: { ...occasion, quotes: evidence.quotes }, toAddress };
}

async function draftGem(ctx: UnitCtx<Params>, gemId: number, { occasion, toAddress }: Gem): Promise<Json> {
  const { value, provider, model } = await ctx.llm.generate({
    role: "engage",
    subject: occasion.domain,
    template: ENGAGE,
    system: ENGAGE.system,
    prompt: engagePrompt(occasion),
    schema: Draft,
    local: () => draftLocally(occasion),
  });
  return ctx.write(async (db, items): Promise<Json> => {
    // One at a time, so that the limit holds with any number of units and runs.
    await db.$executeRaw`select pg_advisory_xact_lock(7331102)`;
    if ((await countToday(db)) >= ctx.params.dailyLimit) return { drafted: false, reason: "The daily limit was reached meanwhile" };
    const made = await db.$executeRaw`
      insert into engagement_drafts (gem_id, sender_domain, strategy, to_address, subject, body, provider, model)
      select g.id, g.sender_domain, ${STRATEGY_OF[occasion.type]}, ${toAddress}, ${storable(value.subject)}, ${storable(value.body)}, ${provider}, ${model}
        from gems g
       where g.id = ${gemId} and g.status = 'new'
         for update
      on conflict (gem_id) do nothing`;
    items.done(made);
    return made === 1 ? { drafted: true, strategy: STRATEGY_OF[occasion.type], provider, model } : { drafted: false, reason: "The gem was dealt with meanwhile" };
  });
}
