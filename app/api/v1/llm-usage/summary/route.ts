import { searchRecord } from "#lib/api/inputs";
import { SummaryRequest, usageSummary } from "#lib/api/llm-calls";
import { answer, route } from "#lib/api/route";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route(async (ctx, { url }) => answer({ data: await usageSummary(ctx, SummaryRequest.parse(searchRecord(url))) }));
