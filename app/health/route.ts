import { webDb } from "#lib/db/client";
import { checkHealth } from "#lib/live/health";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Answers within three seconds, whatever the database does. */
export async function GET(): Promise<Response> {
  const health = await checkHealth(() => webDb());
  return Response.json(health, { status: health.status === "healthy" ? 200 : 503, headers: { "Cache-Control": "no-store", ...(health.status === "unhealthy" && { "Retry-After": "2" }) } });
}
