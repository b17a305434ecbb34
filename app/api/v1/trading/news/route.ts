import { searchRecord } from "#lib/api/inputs";
import { answer, forwardPage, route } from "#lib/api/route";
import { listNews, NewsRequest } from "#lib/pipelines/trading/lists";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Headlines, the newest first, by `symbol`, `impact` and time; `before` goes on where a page ended. */
export const GET = route(async (ctx, { url }) => {
  const { rows, next } = await listNews(ctx, NewsRequest.parse(searchRecord(url)));
  return answer({ data: rows, page: forwardPage(next) });
});
