import { answer, route } from "#lib/api/route";
import { parseCallsRequest } from "#lib/llm-calls/filter";
import { countCalls } from "#lib/llm-calls/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route(async (ctx, { url }) => answer({ data: await countCalls(ctx, parseCallsRequest(url.searchParams).tree) }));
