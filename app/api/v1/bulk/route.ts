import { allow } from "#lib/access/rules";
import { BulksRequest } from "#lib/api/bodies";
import { readObject } from "#lib/api/body";
import { parseBulkRequest } from "#lib/api/bulk";
import { searchRecord } from "#lib/api/inputs";
import { answer, forwardPage, route } from "#lib/api/route";
import { createBulk } from "#lib/bulk/mutations";
import { getBulk, listBulks } from "#lib/bulk/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Newest first. */
export const GET = route(async (ctx, { url }) => {
  const { cursor, limit } = BulksRequest.parse(searchRecord(url));
  const { rows, next } = await listBulks(ctx, { before: cursor, limit });
  return answer({ data: rows, page: forwardPage(next) });
});

/** Begins to retry or cancel every run that matches now. */
export const POST = route(async (ctx, { request }) => {
  // What is answered wants this; nothing is done for whoever could not be answered.
  allow(ctx, "runs.read");
  const { id } = await createBulk(ctx, parseBulkRequest(await readObject(request)));
  return answer({ data: await getBulk(ctx, id) }, { status: 202, headers: { Location: `/api/v1/bulk/${id}` } });
});
