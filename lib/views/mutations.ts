import { z } from "zod";
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { type Ctx, inTransaction, ownerOf } from "#lib/ctx";
import { AppError } from "#lib/errors";
import { MAX_VIEWS, VIEW_LISTS, ViewName, ViewOf } from "./rules.ts";

export const SaveViewInput = z.strictObject({ name: ViewName, list: z.enum(VIEW_LISTS).default("runs"), query: z.string(), shared: z.boolean().default(false), isDefault: z.boolean().default(false) });
export type SaveViewInput = z.input<typeof SaveViewInput>;

/**
 * Keeps a view under a name, new or in place of the asker's own of that name.
 *
 * @throws AppError MISMATCH when the asker has as many as one may
 */
export async function saveView(ctx: Ctx, input: SaveViewInput): Promise<{ id: number }> {
  allow(ctx, "views.save");
  const { name, shared, isDefault, ...view } = SaveViewInput.parse(input);
  const { list, query } = ViewOf.parse(view);
  const owner = ownerOf(ctx.actor);
  return inTransaction(ctx, async (tx) => {
    const { db } = tx;
    // One at a time a person: the count and the default must be those that are written.
    await db.$queryRaw`select pg_advisory_xact_lock(hashtextextended(${`views/${owner}`}, 0))::text`;
    const mine = await db.savedView.findMany({ where: { owner, list }, select: { name: true, query: true, shared: true, isDefault: true } });
    if (mine.length >= MAX_VIEWS && mine.every((view) => view.name !== name)) {
      throw new AppError("MISMATCH", `You have ${MAX_VIEWS} views, the most that one may have. Delete one first.`, { faults: [{ path: "name", message: "is one too many" }] });
    }
    if (isDefault) await db.savedView.updateMany({ where: { owner, list, isDefault: true }, data: { isDefault: false } });
    const { id } = await db.savedView.upsert({ where: { owner_list_name: { owner, list, name } }, create: { owner, list, name, query, shared, isDefault }, update: { query, shared, isDefault }, select: { id: true } });
    const after = { name, list, query, shared, isDefault };
    const before = mine.find((view) => view.name === name);
    const isSame = before && before.query === query && before.shared === shared && before.isDefault === isDefault;
    if (!isSame) await audit(tx, { action: "view.save", object: `view/${id}`, before, after });
    return { id: Number(id) };
  });
}

export const DeleteViewInput = z.strictObject({ id: z.coerce.number().int().positive() });
export type DeleteViewInput = z.infer<typeof DeleteViewInput>;

/** @throws AppError NOT_FOUND when the asker has no such view */
export async function deleteView(ctx: Ctx, { id }: DeleteViewInput): Promise<void> {
  allow(ctx, "views.save");
  await inTransaction(ctx, async (tx) => {
    const [gone] = await tx.db.$queryRaw<{ name: string; list: string; query: string; shared: boolean }[]>`
      delete from saved_views where id = ${id}::bigint and owner = ${ownerOf(tx.actor)} returning name, list::text, query, shared`;
    if (!gone) throw new AppError("NOT_FOUND", `You have no view of number ${id}. Only its owner may delete one.`);
    await audit(tx, { action: "view.delete", object: `view/${id}`, before: gone });
  });
}
