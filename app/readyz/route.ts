import { webDb } from "#lib/db/client";
import { checkReadiness } from "#lib/live/health";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Whether requests should come here: the database answers and is up to date. Answers within three seconds. */
export async function GET(): Promise<Response> {
  const readiness = await checkReadiness(() => webDb());
  return Response.json(readiness, { status: readiness.status === "ready" ? 200 : 503, headers: { "Cache-Control": "no-store", ...(readiness.status !== "ready" && { "Retry-After": "2" }) } });
}
