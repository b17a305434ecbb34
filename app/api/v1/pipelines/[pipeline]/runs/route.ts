import { z } from "zod";
import { readJson } from "#lib/api/body";
import { answer, route } from "#lib/api/route";
import { TriggerAllInput, triggerAll } from "#lib/engine/trigger";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

const { onBusy, priority } = TriggerAllInput.shape;
const Body = z.strictObject({ params: z.record(z.string(), z.unknown()).default({}), onBusy, priority });

/** Run all: one run for each stage that takes part, in the order of what they need. */
export const POST = route<{ pipeline: string }>(async (ctx, { request, params: { pipeline } }) => {
  const body = Body.parse(await readJson(request));
  return answer({ data: await triggerAll(ctx, { pipeline, ...body }) }, { status: 201 });
});
