import { readObject } from "#lib/api/body";
import { parseBulkRequest } from "#lib/api/bulk";
import { answer, route } from "#lib/api/route";
import { previewBulk } from "#lib/bulk/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** What the same request to POST bulk would come to now. */
export const POST = route(async (ctx, { request }) => answer({ data: await previewBulk(ctx, parseBulkRequest(await readObject(request))) }));
