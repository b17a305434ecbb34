import { searchRecord } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { getUsage, UsageRequest } from "#lib/llm-usage/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Total, groups and series in one: `?days=30&granularity=daily|hourly&by=model|stage|role|provider|template`, narrowed by `pipeline`, `stage`, `model` …  */
export const GET = route(async (ctx, { url }) => answer({ data: await getUsage(ctx, UsageRequest.parse(searchRecord(url))) }));
