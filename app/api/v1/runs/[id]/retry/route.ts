import { RetryBody } from "#lib/api/bodies";
import { readJson } from "#lib/api/body";
import { parseIdempotencyKey, parseRunId } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { retryRun } from "#lib/engine/retry";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Retries an ended run: 201 with the new run, 200 with the earlier one when the idempotency key repeats. */
export const POST = route<{ id: string }>(async (ctx, { request, params: { id } }) => {
  const runId = parseRunId(id);
  const body = RetryBody.parse(await readJson(request));
  const idempotencyKey = parseIdempotencyKey(request);
  const made = await retryRun(ctx, { runId, ...body, ...(idempotencyKey && { idempotencyKey }) });
  return answer({ data: made }, { status: made.created ? 201 : 200, headers: { Location: `/api/v1/runs/${made.runId}` } });
});
