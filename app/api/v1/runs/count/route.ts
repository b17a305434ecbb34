import { answer, route } from "#lib/api/route";
import { resolveMe } from "#lib/filters/rules";
import { parseRunsRequest } from "#lib/runs/filter";
import { countRuns } from "#lib/stats/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** How many runs match: exact where that is quick, else at least so many. */
export const GET = route(async (ctx, { url }) => {
  const { tree } = parseRunsRequest(url.searchParams);
  return answer({ data: await countRuns(ctx, tree && resolveMe(tree, ctx.actor.name)) });
});
