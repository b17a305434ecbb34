import { answerCalls } from "#lib/api/llm-calls";
import { route } from "#lib/api/route";
import { parseCallsRequest } from "#lib/llm-calls/filter";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route(async (ctx, { url }) => answerCalls(ctx, parseCallsRequest(url.searchParams)));
