import { exportResponse } from "#lib/api/export";
import { route } from "#lib/api/route";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Every run that matches, as `?format=csv|ndjson|parquet`; `bom=true` lets Excel see that CSV is UTF-8. */
export const GET = route(async (ctx, { request, url }) => exportResponse(ctx, url.searchParams, request.signal));
