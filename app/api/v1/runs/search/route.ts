import { readObject } from "#lib/api/body";
import { answer, route } from "#lib/api/route";
import { parseRunsRequest } from "#lib/runs/filter";
import { listRuns } from "#lib/runs/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The list of runs for filters that no address can hold. */
export const POST = route(async (ctx, { request }) => {
  const { rows, ...page } = await listRuns(ctx, parseRunsRequest(await readObject(request)));
  return answer({ data: rows, page });
});
