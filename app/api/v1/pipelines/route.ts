import { answer, route } from "#lib/api/route";
import { listPipelines } from "#lib/stages/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route(async (ctx) => answer({ data: await listPipelines(ctx) }));
