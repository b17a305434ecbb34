import { z } from "zod";
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { type Ctx, inTransaction } from "#lib/ctx";
import { storable } from "#lib/db/storable";
import { AppError } from "#lib/errors";
import { CAUSE_PATTERNS, MAX_CAUSE_RULES } from "./rules.ts";

const text = (what: string, min: number, max: number) =>
  z.string().transform((value) => storable(value).trim()).pipe(z.string().min(min, { error: min === 1 ? `Say ${what}.` : `At least ${min} characters, or it fits everything.` }).max(max, { error: `At most ${max} characters.` }));
const Name = z.string().regex(/^([a-z][a-z0-9-]{0,49})?$/, { error: 'A name is a-z, 0-9 and "-", a letter first, 50 at most; empty for any.' }).transform((name) => name || null);

export const CauseRuleInput = z.strictObject({
  kind: z.enum(CAUSE_PATTERNS).default("contains"),
  pattern: text("what to look for", 3, 300).refine((pattern) => /[^*\s]/.test(pattern), { error: "Nothing but wildcards fits everything." }),
  pipeline: Name.nullable().default(null),
  stage: Name.nullable().default(null),
  title: text("what the cause is", 1, 120),
  hint: text("what to do", 1, 1_000),
  position: z.coerce.number().int().min(0).max(10_000).default(0),
  enabled: z.boolean().default(true),
});
export type CauseRuleInput = z.input<typeof CauseRuleInput>;

const Id = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);
export const SaveCauseRuleInput = CauseRuleInput.extend({ id: Id });
export const DeleteCauseRuleInput = z.strictObject({ id: Id });

/**
 * Writes a known cause down. It is asked from now on, for failures of before as well.
 *
 * @throws AppError INVALID for a bad field; MISMATCH when there are as many as there may be: each is tried on every error shown.
 */
export async function createCauseRule(ctx: Ctx, input: CauseRuleInput): Promise<{ id: number }> {
  allow(ctx, "errors.resolve");
  const rule = CauseRuleInput.parse(input);
  return inTransaction(ctx, async (tx) => {
    const { db, actor } = tx;
    await db.$executeRaw`lock table cause_rules in share row exclusive mode`;
    if ((await db.causeRule.count()) >= MAX_CAUSE_RULES) throw new AppError("MISMATCH", `There are ${MAX_CAUSE_RULES} known causes, the most there may be. Remove one first.`);
    const { id } = await db.causeRule.create({ data: { ...rule, createdBy: actor.name, updatedBy: actor.name }, select: { id: true } });
    await audit(tx, { action: "cause.save", object: `cause/${id}`, after: rule });
    return { id: Number(id) };
  });
}

/** @throws AppError INVALID for a bad field; NOT_FOUND when somebody has removed it. */
export async function saveCauseRule(ctx: Ctx, input: z.input<typeof SaveCauseRuleInput>): Promise<{ id: number }> {
  allow(ctx, "errors.resolve");
  const { id, ...rule } = SaveCauseRuleInput.parse(input);
  return inTransaction(ctx, async (tx) => {
    const before = await findRule(tx, id);
    if (!before) throw new AppError("NOT_FOUND", `No known cause ${id}. Somebody may have removed it.`);
    await tx.db.causeRule.update({ where: { id }, data: { ...rule, updatedBy: tx.actor.name, updatedAt: new Date() } });
    await audit(tx, { action: "cause.save", object: `cause/${id}`, before, after: rule });
    return { id };
  });
}

/** Removing what is gone already is done. */
export async function deleteCauseRule(ctx: Ctx, { id }: { id: number }): Promise<void> {
  allow(ctx, "errors.resolve");
  await inTransaction(ctx, async (tx) => {
    const before = await findRule(tx, id);
    if (!before) return;
    await tx.db.causeRule.delete({ where: { id } });
    await audit(tx, { action: "cause.delete", object: `cause/${id}`, before });
  });
}

/** What a person says of it, locked until the transaction ends. */
async function findRule({ db }: Ctx, id: number) {
  await db.$queryRaw`select 1 from cause_rules where id = ${id}::bigint for update`;
  return db.causeRule.findUnique({ where: { id }, omit: { id: true, createdBy: true, updatedBy: true, createdAt: true, updatedAt: true } });
}
