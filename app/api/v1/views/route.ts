import { ViewsRequest } from "#lib/api/bodies";
import { readObject } from "#lib/api/body";
import { searchRecord } from "#lib/api/inputs";
import { answer, route } from "#lib/api/route";
import { SaveViewInput, saveView } from "#lib/views/mutations";
import { listViews } from "#lib/views/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The views of a `list`: runs unless said, or ai-audit. */
export const GET = route(async (ctx, { url }) => answer({ data: await listViews(ctx, ViewsRequest.parse(searchRecord(url)).list) }));

/** Keeps a view under a name. */
export const POST = route(async (ctx, { request }) => answer({ data: await saveView(ctx, SaveViewInput.parse(await readObject(request))) }, { status: 201 }));
