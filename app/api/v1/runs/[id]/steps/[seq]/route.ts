import { parseRunId, parseStepSeq } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { getStep } from "#lib/trace/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** One step without its input and output, with where to find the same step of before. */
export const GET = route<{ id: string; seq: string }>(async (ctx, { params }) =>
  answer({ data: await getStep(ctx, parseRunId(params.id), parseStepSeq(params.seq)) }),
);
