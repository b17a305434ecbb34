import { readObject } from "#lib/api/body";
import { route } from "#lib/api/route";
import { answerTagged, parseStatsRequest } from "#lib/api/stats";
import { getCachedRunStats } from "#lib/stats/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Statistics of the runs that match; at most 45 s old, as `asOf` says. */
export const GET = route(async (ctx, { request, url }) => answerTagged(request, await getCachedRunStats(ctx, parseStatsRequest(ctx, url.searchParams))));

/** The same for filters that no address can hold. */
export const POST = route(async (ctx, { request }) => answerTagged(request, await getCachedRunStats(ctx, parseStatsRequest(ctx, await readObject(request)))));
