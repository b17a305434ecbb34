import { allow } from "#lib/access/rules";
import { type Ctx, ownerOf } from "#lib/ctx";
import { KEPT } from "#lib/db/client";
import type { ViewList } from "./rules.ts";

/** `owner` is how whoever keeps it is called. */
export type SavedView = { id: number; name: string; query: string; owner: string; isMine: boolean; shared: boolean; isDefault: boolean };

/** The views that the asker may use: their own first, then what others share. By name. */
export async function listViews(ctx: Ctx, list: ViewList = "runs"): Promise<SavedView[]> {
  allow(ctx, "runs.read");
  const me = ownerOf(ctx.actor);
  const rows = await ctx.db.$queryRaw<(Omit<SavedView, "id" | "owner"> & { id: bigint; ownerName: string | null })[]>`${KEPT}
    select v.id, v.name, v.query, u.name as "ownerName", v.owner = ${me} as "isMine", v.shared, v.is_default and v.owner = ${me} as "isDefault"
      from saved_views v
      left join users u on u.id = v.owner
     where v.list = ${list} and (v.owner = ${me} or v.shared)
     order by v.name, v.id
     limit 500`;
  return rows
    .map(({ id, ownerName, ...view }) => ({ ...view, id: Number(id), owner: view.isMine ? ctx.actor.name : (ownerName ?? "a program") }))
    .toSorted((a, b) => Number(b.isMine) - Number(a.isMine));
}
