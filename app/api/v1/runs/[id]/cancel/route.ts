import { parseRunId } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { cancelRun } from "#lib/engine/cancel";
import { AppError } from "#lib/errors";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const POST = route<{ id: string }>(async (ctx, { params }) => {
  const runId = parseRunId(params.id);
  const result = await cancelRun(ctx, { runId });
  if (!result.ok) throw new AppError("CONFLICT", `Run #${runId} has already ended: it is ${result.status}.`, { details: { runId, runStatus: result.status } });
  return answer({ data: { runId, status: result.status } }, { status: 202 });
});
