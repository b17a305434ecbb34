import { z } from "zod";
import { readJson } from "#lib/api/body";
import { parseErrorGroupId } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { RetryErrorGroupInput, retryErrorGroup } from "#lib/engine/retry-group";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** 202 however the runs fare: what became of each is in the answer. */
export const POST = route<{ id: string }>(async (ctx, { request, params }) => {
  const body = z.record(z.string(), z.unknown()).parse(await readJson(request));
  return answer({ data: await retryErrorGroup(ctx, RetryErrorGroupInput.parse({ ...body, groupId: parseErrorGroupId(params.id) })) }, { status: 202 });
});
