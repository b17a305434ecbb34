import { z } from "zod";
import { readJson } from "#lib/api/body";
import { answer, route } from "#lib/api/route";
import { PauseInput, pause } from "#lib/engine/control";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

const Body = z.strictObject({ reason: PauseInput.shape.reason });

/** Lets nothing new of the stage start; what is in flight ends, runs are accepted and wait. */
export const POST = route<{ pipeline: string; stage: string }>(async (ctx, { request, params: { pipeline, stage } }) => {
  const { reason } = Body.parse(await readJson(request));
  return answer({ data: await pause(ctx, { pipeline, stage, reason }) });
});
