import { answer, route } from "#lib/api/route";
import { listPrompts } from "#lib/llm-usage/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route(async (ctx) => answer({ data: await listPrompts(ctx) }));
