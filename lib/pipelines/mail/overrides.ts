/** A person's word on a sender or a message. It stands at once, and in every later run. */
import { z } from "zod";
import { isStorable, NOT_STORABLE } from "#lib/db/storable";
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { inTransaction, type Ctx } from "#lib/ctx";
import { sql, type Db } from "#lib/db/client";
import { AppError } from "#lib/errors";
import { type Correction, OVERRIDE_FIELDS, parseOverride, PROMPT_CORRECTIONS, type Override } from "./classification.ts";
import { storable } from "#lib/db/storable";

export const SetOverrideInput = z.object({
  senderDomain: z.string().trim().toLowerCase().min(1).max(253).optional(),
  messageId: z.int().positive().optional(),
  field: z.enum(OVERRIDE_FIELDS),
  value: z.string().trim().min(1).max(100).refine(isStorable, NOT_STORABLE),
  note: z.string().trim().max(1_000).refine(isStorable, NOT_STORABLE).optional(),
});
export type SetOverrideInput = z.infer<typeof SetOverrideInput>;

/**
 * Holds everyone else off a domain's classifications until the transaction ends: a word set while a stage writes
 * is seen by it, or comes after it and changes what it wrote.
 */
export async function lockDomain(db: Db, domain: string): Promise<void> {
  await db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${domain}, 7331101))`;
}

/**
 * Sets one field for a sender (all its messages but those with a word of their own) or for one message. Said again, it replaces what was said.
 * `changed` is how many classifications took it on now; with none yet, the classify stage will.
 *
 * @throws AppError INVALID when the field cannot have this value, or not exactly one target is named; NOT_FOUND when there is no such sender or message.
 */
export async function setOverride(ctx: Ctx, input: SetOverrideInput): Promise<{ overrideId: number; changed: number }> {
  allow(ctx, "imports.run");
  const { field, value, messageId } = input;
  if ((input.senderDomain === undefined) === (messageId === undefined)) throw new AppError("INVALID", "Name either a sender domain or a message, not both.", { faults: [{ path: "senderDomain", message: "either this or messageId" }] });
  if (!parseOverride({ field, value })) throw new AppError("INVALID", `"${value}" cannot be the ${field} of a sender.`, { faults: [{ path: "value", message: `not a value of ${field}` }] });
  return inTransaction(ctx, async (tx) => {
    const { db, actor } = tx;
    const domain = input.senderDomain ?? (await db.parsedMetadata.findUnique({ where: { messageId: messageId ?? 0 }, select: { senderDomain: true } }))?.senderDomain;
    if (!domain) throw new AppError("NOT_FOUND", `There is no message ${messageId} with metadata. Run the metadata stage first.`);
    if (messageId === undefined && !(await db.parsedMetadata.findFirst({ where: { senderDomain: domain }, select: { messageId: true } }))) throw new AppError("NOT_FOUND", `There is no mail from ${domain}.`);
    await lockDomain(db, domain);
    const isMessage = messageId !== undefined;
    const [row] = await db.$queryRaw<{ id: number }[]>`
      insert into classification_overrides (sender_domain, message_id, field, value, note, created_by, created_at)
      values (${isMessage ? null : domain}, ${isMessage ? messageId : null}::bigint, ${field}, ${storable(value)}, ${input.note ? storable(input.note) : null}, ${actor.name}, clock_timestamp())
      on conflict (${isMessage ? sql`message_id` : sql`sender_domain`}, field)
      do update set value = excluded.value, note = excluded.note, created_by = excluded.created_by, created_at = excluded.created_at
      returning id::int4 as id`;
    if (!row) throw new Error("An upsert returned no row");
    const changed = await applyToRows(db, domain, { field, value }, messageId);
    await audit(tx, { action: "mail.correct", object: isMessage ? `message/${messageId}` : `sender/${domain}`, after: { field, value } });
    return { overrideId: row.id, changed };
  });
}

export type OverrideRow = { id: number; senderDomain: string | null; messageId: number | null; field: string; value: string; note: string | null; createdBy: string | null; createdAt: Date };

/** The newest overrides first, `limit` at most. */
export async function listOverrides(ctx: Ctx, limit = 200): Promise<OverrideRow[]> {
  allow(ctx, "payloads.read");
  const rows = await ctx.db.classificationOverride.findMany({ orderBy: [{ createdAt: "desc" }, { id: "desc" }], take: limit });
  return rows.map((row) => ({ ...row, id: Number(row.id), messageId: row.messageId === null ? null : Number(row.messageId) }));
}

/** What a person said of the sender, and of which of its messages. */
export async function readOverrides(db: Db, domain: string): Promise<{ sender: Override[]; messages: { messageId: number; override: Override }[] }> {
  const sender = await db.classificationOverride.findMany({ where: { senderDomain: domain }, orderBy: { id: "asc" }, select: { field: true, value: true } });
  const rows = await db.$queryRaw<{ message_id: number; field: string; value: string }[]>`
    select o.message_id::float8 as message_id, o.field, o.value
      from classification_overrides o
      join parsed_metadata p on p.message_id = o.message_id
     where p.sender_domain = ${domain}
     order by o.id`;
  return { sender, messages: rows.map(({ message_id, field, value }) => ({ messageId: message_id, override: { field, value } })) };
}

/** The latest words of the owner: those on this domain first, then the newest of all, `PROMPT_CORRECTIONS` together. `at` is when they were read, by the database's clock. */
export async function readCorrections(db: Db, domain: string): Promise<{ at: Date; corrections: Correction[] }> {
  const [clock] = await db.$queryRaw<{ at: Date }[]>`select clock_timestamp()::timestamptz(3) as at`;
  const corrections = await db.$queryRaw<Correction[]>`
    select o.field, o.value, o.note, coalesce(o.sender_domain, 'one message of ' || p.sender_domain, 'one message') as subject
      from classification_overrides o
      left join parsed_metadata p on p.message_id = o.message_id
     order by coalesce(o.sender_domain, p.sender_domain) = ${domain} desc, o.created_at desc, o.id desc
     limit ${PROMPT_CORRECTIONS}`;
  if (!clock) throw new Error("The database did not say what time it is");
  return { at: clock.at, corrections };
}

/** Writes one override into the classifications that stand. A sender's word passes over messages that have one of their own on the field. */
export function applyToRows(db: Db, domain: string, override: Override, messageId?: number): Promise<number> {
  const column = COLUMNS[OVERRIDE_FIELDS.find((field) => field === override.field) ?? "industry"];
  const value = override.field === "sophistication" ? sql`${Number(override.value)}::int` : sql`${override.value}`;
  const target = messageId === undefined
    ? sql`a.sender_domain = ${domain} and not exists (select 1 from classification_overrides o where o.message_id = a.message_id and o.field = ${override.field})`
    : sql`a.message_id = ${messageId}`;
  return db.$executeRaw`update ai_classification a set ${column} = ${value}, has_override = true, updated_at = clock_timestamp() where ${target}`;
}

const COLUMNS = {
  industry: sql`industry`,
  company_size: sql`company_size`,
  sophistication: sql`sophistication`,
  intent: sql`intent`,
  relationship: sql`relationship`,
};
