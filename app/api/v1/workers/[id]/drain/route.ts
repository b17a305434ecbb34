import { parseWorkerId } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { AppError } from "#lib/errors";
import { drainWorker } from "#lib/workers/mutations";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const POST = route<{ id: string }>(async (ctx, { params }) => {
  const workerId = parseWorkerId(params.id);
  const result = await drainWorker(ctx, { workerId });
  if (!result.ok) throw new AppError("CONFLICT", `Worker ${workerId} has stopped already.`, { details: { workerId, stopReason: result.stopReason } });
  return answer({ data: { workerId, holds: result.holds } }, { status: 202 });
});
