import { backtestExportResponse } from "#lib/api/backtest-export";
import { route } from "#lib/api/route";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Simulated days or trades, as `?what=days|trades&format=csv|ndjson|parquet`. */
export const GET = route<{ jobId: string }>(async (ctx, { url, params }) => backtestExportResponse(ctx, params.jobId, url.searchParams));
