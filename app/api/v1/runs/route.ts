import { route } from "#lib/api/route";
import { answerRuns } from "#lib/api/runs";
import { parseRunsRequest } from "#lib/runs/filter";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route(async (ctx, { url }) => {
  return answerRuns(ctx, parseRunsRequest(url.searchParams));
});
