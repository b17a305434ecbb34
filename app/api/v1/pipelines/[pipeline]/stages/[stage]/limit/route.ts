import { LimitBody } from "#lib/api/bodies";
import { readJson } from "#lib/api/body";
import { answer, route } from "#lib/api/route";
import { setLimit } from "#lib/engine/control";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Says how many units of the stage may be in flight; null leaves it to the definition again. */
export const PUT = route<{ pipeline: string; stage: string }>(async (ctx, { request, params: { pipeline, stage } }) => {
  const { limit } = LimitBody.parse(await readJson(request));
  return answer({ data: await setLimit(ctx, { pipeline, stage, limit }) });
});
