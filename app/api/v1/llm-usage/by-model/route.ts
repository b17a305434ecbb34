import { searchRecord } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { getUsage, UsageRequest } from "#lib/llm-usage/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route(async (ctx, { url }) => answer({ data: (await getUsage(ctx, UsageRequest.parse({ ...searchRecord(url), by: "model" }))).groups }));
