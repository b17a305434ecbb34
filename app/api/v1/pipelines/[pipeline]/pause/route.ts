import { PauseBody } from "#lib/api/bodies";
import { readJson } from "#lib/api/body";
import { answer, route } from "#lib/api/route";
import { pause } from "#lib/engine/control";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Lets nothing new of any stage of the pipeline start. */
export const POST = route<{ pipeline: string }>(async (ctx, { request, params: { pipeline } }) => {
  const { reason } = PauseBody.parse(await readJson(request));
  return answer({ data: await pause(ctx, { pipeline, reason }) });
});
