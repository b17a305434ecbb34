import { NewsImportRequest } from "#lib/api/bodies";
import { readChunks } from "#lib/api/body";
import { searchRecord } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { AppError } from "#lib/errors";
import { importNews } from "#lib/pipelines/trading/import-news";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Takes a CSV file of headlines as it comes: the body is the file. It is parsed while it arrives; bad lines are named in the answer. */
export const POST = route(async (ctx, { request, url }) => {
  const given = NewsImportRequest.parse(searchRecord(url));
  if (!request.body) throw new AppError("INVALID", "The body is empty: send the CSV file itself.");
  return answer({ data: await importNews(ctx, readChunks(request.body), given) }, { status: 201 });
});
