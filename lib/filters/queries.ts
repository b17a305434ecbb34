import type { Ctx } from "#lib/ctx";
import { join, sql } from "#lib/db/client";
import type { UnitStatus } from "#lib/db/generated/enums";

/** How many units of each run have which status; runs without units are missing. */
export async function countUnitsOf(ctx: Ctx, runIds: number[]): Promise<Map<number, Partial<Record<UnitStatus, number>>>> {
  const found = new Map<number, Partial<Record<UnitStatus, number>>>();
  if (runIds.length === 0) return found;
  const rows = await ctx.db.$queryRaw<{ runId: bigint; status: UnitStatus; count: bigint }[]>`
    select u.run_id as "runId", u.status, count(*) as count
      from run_units u
     where u.run_id in (${join(runIds.map((id) => sql`${id}::bigint`))})
     group by u.run_id, u.status`;
  for (const { runId, status, count } of rows) found.set(Number(runId), { ...found.get(Number(runId)), [status]: Number(count) });
  return found;
}
