import { searchRecord } from "#lib/api/inputs";
import { answer, forwardPage, route } from "#lib/api/route";
import { listStrategies, PlainRequest } from "#lib/pipelines/trading/lists";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Strategies with their accounts; `before` goes on where a page ended. */
export const GET = route(async (ctx, { url }) => {
  const { rows, next } = await listStrategies(ctx, PlainRequest.parse(searchRecord(url)));
  return answer({ data: rows, page: forwardPage(next) });
});
