import { parseAgentRuns } from "#lib/api/agent-runs";
import { answerPlain, route } from "#lib/api/route";
import { listAgentRuns } from "#lib/pipelines/trading/agent-runs";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The seed's bare list; how many there are in all is in a header, so that its shape stays. */
export const GET = route(async (ctx, { url }) => {
  const { runs, total } = await listAgentRuns(ctx, parseAgentRuns(url.searchParams));
  return answerPlain(runs, { headers: { "X-Total-Count": String(total) } });
});
