import { parseAgentRunId } from "#lib/api/agent-runs";
import { answerPlain, route } from "#lib/api/route";
import { getAgentRun } from "#lib/pipelines/trading/agent-runs";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route<{ id: string }>(async (ctx, { params }) => answerPlain(await getAgentRun(ctx, parseAgentRunId(params.id))));
