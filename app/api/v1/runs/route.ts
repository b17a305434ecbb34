import { answer, route } from "#lib/api/route";
import { parseRunsRequest } from "#lib/runs/filter";
import { listRuns } from "#lib/runs/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route(async (ctx, { url }) => {
  const { rows, ...page } = await listRuns(ctx, parseRunsRequest(url.searchParams));
  return answer({ data: rows, page });
});
