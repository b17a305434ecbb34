import { searchRecord } from "#lib/api/inputs";
import { answer, forwardPage, route } from "#lib/api/route";
import { listJournal, JournalRequest } from "#lib/pipelines/trading/lists";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The journal, newest first, by `account`, `symbol` and `signal`; `before` goes on where a page ended. */
export const GET = route(async (ctx, { url }) => {
  const { rows, next } = await listJournal(ctx, JournalRequest.parse(searchRecord(url)));
  return answer({ data: rows, page: forwardPage(next) });
});
