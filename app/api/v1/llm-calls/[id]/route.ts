import { parseCallId } from "#lib/api/llm-calls";
import { answer, route } from "#lib/api/route";
import { getCall } from "#lib/llm-calls/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route<{ id: string }>(async (ctx, { params }) => answer({ data: await getCall(ctx, parseCallId(params.id)) }));
