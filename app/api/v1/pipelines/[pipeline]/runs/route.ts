import { TriggerAllBody } from "#lib/api/bodies";
import { readJson } from "#lib/api/body";
import { answer, route } from "#lib/api/route";
import { triggerAll } from "#lib/engine/trigger";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Run all: one run for each stage that takes part, in the order of what they need. */
export const POST = route<{ pipeline: string }>(async (ctx, { request, params: { pipeline } }) => {
  const body = TriggerAllBody.parse(await readJson(request));
  return answer({ data: await triggerAll(ctx, { pipeline, ...body }) }, { status: 201 });
});
