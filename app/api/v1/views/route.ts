import { readObject } from "#lib/api/body";
import { answer, route } from "#lib/api/route";
import { SaveViewInput, saveView } from "#lib/views/mutations";
import { listViews } from "#lib/views/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route(async (ctx) => answer({ data: await listViews(ctx) }));

/** Keeps a view under a name. */
export const POST = route(async (ctx, { request }) => answer({ data: await saveView(ctx, SaveViewInput.parse(await readObject(request))) }, { status: 201 }));
