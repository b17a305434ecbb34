import { searchRecord } from "#lib/api/inputs";
import { answer, forwardPage, route } from "#lib/api/route";
import { listAccounts, PlainRequest } from "#lib/pipelines/trading/lists";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Accounts with their balance; `before` goes on where a page ended. */
export const GET = route(async (ctx, { url }) => {
  const { rows, next } = await listAccounts(ctx, PlainRequest.parse(searchRecord(url)));
  return answer({ data: rows, page: forwardPage(next) });
});
