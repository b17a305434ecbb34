import { allow } from "#lib/access/rules";
import { problemResponse } from "#lib/api/route";
import { requireActor } from "#lib/auth/actor";
import { isLocalRequest } from "#lib/auth/request";
import { webDb } from "#lib/db/client";
import { scrapeWeb } from "#lib/metrics/queries";
import { CONTENT_TYPE } from "#lib/metrics/rules";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/**
 * For Prometheus: on this machine without more, from elsewhere with a key that may read figures. Answers without the database, too:
 * `app_database_up` says which it was.
 */
export async function GET(request: Request): Promise<Response> {
  try {
    if (!isLocalRequest(request.headers)) allow({ actor: await requireActor(webDb(), request.headers) }, "metrics.read");
  } catch (error) {
    return problemResponse(error);
  }
  return new Response(await scrapeWeb(() => ({ db: webDb(), actor: { kind: "worker", name: "metrics" } })), { headers: { "Content-Type": CONTENT_TYPE, "Cache-Control": "no-store" } });
}
