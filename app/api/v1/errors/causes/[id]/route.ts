import { z } from "zod";
import { readJson } from "#lib/api/body";
import { answer, route } from "#lib/api/route";
import { DeleteCauseRuleInput, deleteCauseRule, SaveCauseRuleInput, saveCauseRule } from "#lib/causes/mutations";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const PUT = route<{ id: string }>(async (ctx, { request, params }) => {
  const body = z.record(z.string(), z.unknown()).parse(await readJson(request));
  return answer({ data: await saveCauseRule(ctx, SaveCauseRuleInput.parse({ ...body, id: params.id })) });
});

export const DELETE = route<{ id: string }>(async (ctx, { params }) => {
  await deleteCauseRule(ctx, DeleteCauseRuleInput.parse(params));
  return new Response(null, { status: 204 });
});
