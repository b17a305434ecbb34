import { TriggerBody } from "#lib/api/bodies";
import { readJson } from "#lib/api/body";
import { parseIdempotencyKey } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { triggerRun } from "#lib/engine/trigger";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Triggers the stage: 201 with the new run, 200 with the earlier one when the idempotency key repeats, and with the one that goes on when it is joined. */
export const POST = route<{ pipeline: string; stage: string }>(async (ctx, { request, params: { pipeline, stage } }) => {
  const body = TriggerBody.parse(await readJson(request));
  const idempotencyKey = parseIdempotencyKey(request);
  const made = await triggerRun(ctx, { pipeline, stage, ...body, ...(idempotencyKey && { idempotencyKey }) });
  return answer({ data: made }, { status: made.created ? 201 : 200, headers: { Location: `/api/v1/runs/${made.runId}` } });
});
