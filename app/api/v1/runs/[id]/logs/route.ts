import { parseRunId } from "#lib/api/inputs";
import { logsResponse } from "#lib/api/logs";
import { route } from "#lib/api/route";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** A page of lines as JSON; `format=text` or `format=ndjson` (or the header Accept) gives all of them; `unit=` those of one unit. */
export const GET = route<{ id: string }>((ctx, { request, url, params }) => logsResponse(ctx, parseRunId(params.id), { request, url }));
