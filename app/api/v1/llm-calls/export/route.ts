import { callsExportResponse } from "#lib/api/export";
import { route } from "#lib/api/route";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Every call that matches, as `?format=csv|ndjson|parquet`, without its texts; `bom=true` lets Excel see that CSV is UTF-8. */
export const GET = route(async (ctx, { request, url }) => callsExportResponse(ctx, url.searchParams, request.signal));
