import { answer, route } from "#lib/api/route";
import { loadSampleDesk } from "#lib/pipelines/trading/sample-desk";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Sets up the desk that comes with Penstock; a second time changes nothing. */
export const POST = route(async (ctx) => answer({ data: await loadSampleDesk(ctx) }, { status: 201 }));
