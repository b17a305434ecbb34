import { parseBulkId } from "#lib/api/bulk";
import { searchRecord } from "#lib/api/inputs";
import { answer, forwardPage, route } from "#lib/api/route";
import { BulkRunsRequest, getBulk, listBulkRuns } from "#lib/bulk/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** What became of each run; `?status=failed` keeps to those that ended so. */
export const GET = route<{ id: string }>(async (ctx, { params, url }) => {
  const { id } = await getBulk(ctx, parseBulkId(params.id));
  const { rows, next } = await listBulkRuns(ctx, id, BulkRunsRequest.parse(searchRecord(url)));
  return answer({ data: rows, page: forwardPage(next) });
});
