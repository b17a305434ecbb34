import { parseCurrentUser, parseListFilter, printCounts } from "#lib/api/pipeline-runs";
import { answerPlain, route } from "#lib/api/route";
import { resolveMe } from "#lib/filters/rules";
import { getCachedCounts } from "#lib/stats/queries";
import { userOf } from "#lib/stats/rules";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Runs by status, in the seed's words; at most 45 s old. `current_user` says who `me` is to a program with a key. */
export const GET = route(async (ctx, { url }) => {
  const tree = parseListFilter(url.searchParams);
  const user = userOf(ctx.actor, parseCurrentUser(url.searchParams));
  const { total, counts, computedAt } = await getCachedCounts(ctx, tree && resolveMe(tree, user));
  return answerPlain({ total_runs: total, counts_by_status: printCounts(counts), cached_at: computedAt });
});
