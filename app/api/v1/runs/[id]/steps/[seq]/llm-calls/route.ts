import { parseRunId, parseStepSeq } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { listStepCalls } from "#lib/llm-calls/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The model calls that were made in a step; none for a step that made none. */
export const GET = route<{ id: string; seq: string }>(async (ctx, { params }) => answer({ data: await listStepCalls(ctx, parseRunId(params.id), parseStepSeq(params.seq)) }));
