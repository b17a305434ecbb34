import { PauseBody } from "#lib/api/bodies";
import { readJson } from "#lib/api/body";
import { answer, route } from "#lib/api/route";
import { pause } from "#lib/engine/control";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Lets nothing new of the stage start; what is in flight ends, runs are accepted and wait. */
export const POST = route<{ pipeline: string; stage: string }>(async (ctx, { request, params: { pipeline, stage } }) => {
  const { reason } = PauseBody.parse(await readJson(request));
  return answer({ data: await pause(ctx, { pipeline, stage, reason }) });
});
