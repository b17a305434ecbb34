import { IoRequest, parseRunId, parseStepSeq, searchRecord } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { getStepIo } from "#lib/trace/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The recorded JSON texts, not parsed: they may be large, and are shown as they were, but for their secrets. `?max=` characters of each. */
export const GET = route<{ id: string; seq: string }>(async (ctx, { url, params }) => {
  const { max } = IoRequest.parse(searchRecord(url));
  return answer({ data: await getStepIo(ctx, parseRunId(params.id), parseStepSeq(params.seq), max) });
});
