import { auditExportResponse } from "#lib/api/export";
import { route } from "#lib/api/route";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Every entry that matches, as `?format=csv|ndjson`. */
export const GET = route(async (ctx, { request, url }) => auditExportResponse(ctx, url.searchParams, request.signal));
