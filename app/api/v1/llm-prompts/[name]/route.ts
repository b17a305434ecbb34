import { answer, route } from "#lib/api/route";
import { getPrompt } from "#lib/llm-usage/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** One prompt, with what each of its versions said. */
export const GET = route<{ name: string }>(async (ctx, { params }) => answer({ data: await getPrompt(ctx, params.name) }));
