import { allow } from "#lib/access/rules";
import { type Ctx, ownerOf } from "#lib/ctx";
import type { ViewList } from "./rules.ts";

/** `owner` is how whoever keeps it is called. */
export type SavedView = { id: number; name: string; query: string; owner: string; isMine: boolean; shared: boolean; isDefault: boolean };

/** The views that the asker may use: their own first, then what others share. By name. */
export async function listViews(ctx: Ctx, list: ViewList = "runs"): Promise<SavedView[]> {
  allow(ctx, "runs.read");
  const me = ownerOf(ctx.actor);
  const rows = await ctx.db.savedView.findMany({ where: { list, OR: [{ owner: me }, { shared: true }] }, orderBy: [{ name: "asc" }, { id: "asc" }], take: 500 });
  const people = await ctx.db.user.findMany({ where: { id: { in: [...new Set(rows.map(({ owner }) => owner))] } }, select: { id: true, name: true } });
  const names = new Map(people.map(({ id, name }) => [id, name]));
  return rows
    .map(({ id, name, query, owner, shared, isDefault }) => ({ id: Number(id), name, query, owner: owner === me ? ctx.actor.name : (names.get(owner) ?? "a program"), isMine: owner === me, shared, isDefault: isDefault && owner === me }))
    .toSorted((a, b) => Number(b.isMine) - Number(a.isMine));
}
