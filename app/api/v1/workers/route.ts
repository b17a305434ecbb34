import { answer, route } from "#lib/api/route";
import { listWorkers } from "#lib/workers/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = route(async (ctx) => answer({ data: await listWorkers(ctx) }));
