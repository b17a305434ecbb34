import type { Ctx } from "#lib/ctx";

/** Deltas folded at a time: some hundred milliseconds at most, after which others may have the connection. */
const BATCH = 5_000;

/**
 * Moves what has happened to runs into the rollups, one batch; returns how many deltas there were, 0 also when another
 * process is at it. Statistics are exact before and after, only faster after: see the migration rollups.
 */
export async function foldRollups(ctx: Ctx): Promise<number> {
  const [row] = await ctx.db.$queryRaw<{ folded: bigint | null }[]>`select fold_run_rollups(${BATCH}::bigint) as folded`;
  return Number(row?.folded ?? 0);
}
