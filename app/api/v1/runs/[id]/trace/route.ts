import { parseRunId, searchRecord, TraceRequest } from "#lib/api/inputs";
import { answerLarge, route } from "#lib/api/route";
import { getTrace } from "#lib/trace/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The structure of a run: all of it, or with `?since=` (the `asOf` of the last answer) what has changed. */
export const GET = route<{ id: string }>(async (ctx, { url, params }) => {
  const { since } = TraceRequest.parse(searchRecord(url));
  return answerLarge(await getTrace(ctx, parseRunId(params.id), { since }));
});
