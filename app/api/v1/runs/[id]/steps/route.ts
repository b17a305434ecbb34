import { parseRunId, searchRecord, StepsRequest, WithinRequest } from "#lib/api/inputs";
import { answer, forwardPage, route } from "#lib/api/route";
import { getRun } from "#lib/runs/queries";
import { listSteps } from "#lib/trace/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route<{ id: string }>(async (ctx, { url, params }) => {
  const runId = parseRunId(params.id);
  const asked = searchRecord(url);
  const { rows, next } = await listSteps(ctx, runId, { ...WithinRequest.parse(asked), ...StepsRequest.parse(asked) });
  if (rows.length === 0) await getRun(ctx, runId);
  return answer({ data: rows, page: forwardPage(next) });
});
