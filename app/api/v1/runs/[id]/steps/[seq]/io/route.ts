import { parseRunId, parseStepSeq } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { getStepIo } from "#lib/runs/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The recorded JSON texts, not parsed: they may be large, and are shown as they were. */
export const GET = route<{ id: string; seq: string }>(async (ctx, { params }) =>
  answer({ data: await getStepIo(ctx, parseRunId(params.id), parseStepSeq(params.seq)) }),
);
