import { readJson } from "#lib/api/body";
import { answer, route } from "#lib/api/route";
import { CauseRuleInput, createCauseRule } from "#lib/causes/mutations";
import { listCauseRules } from "#lib/causes/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route(async (ctx) => answer({ data: await listCauseRules(ctx) }));

export const POST = route(async (ctx, { request }) => answer({ data: await createCauseRule(ctx, CauseRuleInput.parse(await readJson(request))) }, { status: 201 }));
