import { answer, route } from "#lib/api/route";
import { loadSampleArchive } from "#lib/pipelines/mail/import";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Loads the sample archive that comes with Penstock; a second time changes nothing. */
export const POST = route(async (ctx) => answer({ data: await loadSampleArchive(ctx) }, { status: 201 }));
