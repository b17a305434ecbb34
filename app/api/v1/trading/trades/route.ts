import { searchRecord } from "#lib/api/inputs";
import { answer, forwardPage, route } from "#lib/api/route";
import { listTrades, TradesRequest } from "#lib/pipelines/trading/lists";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Trades, open ones first, by `account`, `symbol` and `state`; `before` goes on where a page ended. */
export const GET = route(async (ctx, { url }) => {
  const { rows, next } = await listTrades(ctx, TradesRequest.parse(searchRecord(url)));
  return answer({ data: rows, page: forwardPage(next) });
});
