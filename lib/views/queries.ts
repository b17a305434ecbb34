import { allow } from "#lib/access/rules";
import type { Ctx } from "#lib/ctx";
import type { ViewList } from "./rules.ts";

export type SavedView = { id: number; name: string; query: string; owner: string; isMine: boolean; shared: boolean; isDefault: boolean };

/** The views that the asker may use: their own first, then what others share. By name. */
export async function listViews(ctx: Ctx, list: ViewList = "runs"): Promise<SavedView[]> {
  allow(ctx, "runs.read");
  const me = ctx.actor.name;
  const rows = await ctx.db.savedView.findMany({ where: { list, OR: [{ owner: me }, { shared: true }] }, orderBy: [{ name: "asc" }, { id: "asc" }], take: 500 });
  return rows
    .map(({ id, name, query, owner, shared, isDefault }) => ({ id: Number(id), name, query, owner, isMine: owner === me, shared, isDefault: isDefault && owner === me }))
    .toSorted((a, b) => Number(b.isMine) - Number(a.isMine));
}
