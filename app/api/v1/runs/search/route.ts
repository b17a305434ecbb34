import { readObject } from "#lib/api/body";
import { route } from "#lib/api/route";
import { answerRuns } from "#lib/api/runs";
import { parseRunsRequest } from "#lib/runs/filter";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The list of runs for filters that no address can hold. */
export const POST = route(async (ctx, { request }) => {
  return answerRuns(ctx, parseRunsRequest(await readObject(request)));
});
