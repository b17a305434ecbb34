import { parseRunId, searchRecord, WithinRequest } from "#lib/api/inputs";
import { answer, forwardPage, route } from "#lib/api/route";
import { listRunCalls } from "#lib/llm-calls/queries";
import { getRun } from "#lib/runs/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route<{ id: string }>(async (ctx, { url, params }) => {
  const runId = parseRunId(params.id);
  const { rows, next } = await listRunCalls(ctx, runId, WithinRequest.parse(searchRecord(url)));
  // Nothing found is an answer only where there is a run.
  if (rows.length === 0) await getRun(ctx, runId);
  return answer({ data: rows, page: forwardPage(next) });
});
