import { z } from "zod";
import { readJson } from "#lib/api/body";
import { answer, route } from "#lib/api/route";
import { PauseInput, pause } from "#lib/engine/control";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

const Body = z.strictObject({ reason: PauseInput.shape.reason });

/** Lets nothing new of any stage of the pipeline start. */
export const POST = route<{ pipeline: string }>(async (ctx, { request, params: { pipeline } }) => {
  const { reason } = Body.parse(await readJson(request));
  return answer({ data: await pause(ctx, { pipeline, reason }) });
});
