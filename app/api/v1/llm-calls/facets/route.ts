import { answer, route } from "#lib/api/route";
import { parseCallsRequest } from "#lib/llm-calls/filter";
import { getCallFacets } from "#lib/llm-calls/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The values of one `field` (named as its parameter: status, subject, model) among the newest calls that match the rest. */
export const GET = route(async (ctx, { url }) => {
  const { tree } = parseCallsRequest(url.searchParams, ["field"]);
  return answer({ data: await getCallFacets(ctx, { tree, field: url.searchParams.get("field") ?? "" }) });
});
