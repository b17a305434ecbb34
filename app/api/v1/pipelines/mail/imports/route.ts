import { MailImportRequest } from "#lib/api/bodies";
import { readChunks } from "#lib/api/body";
import { searchRecord } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { AppError } from "#lib/errors";
import { importMailStream, listImports } from "#lib/pipelines/mail/import";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route(async (ctx) => answer({ data: await listImports(ctx) }));

/**
 * Takes an archive as it comes: the body is the file, `?name=` its name. It is parsed while it arrives, so its size
 * is not limited by memory; how far it is stands in GET. Sending it again goes on where a broken transfer ended.
 */
export const POST = route(async (ctx, { request, url }) => {
  const { name } = MailImportRequest.parse(searchRecord(url));
  if (!request.body) throw new AppError("INVALID", "The body is empty: send the archive itself, an .mbox file or one .eml message.");
  const result = await importMailStream(ctx, { name, chunks: readChunks(request.body) });
  return answer({ data: result }, { status: 201 });
});
