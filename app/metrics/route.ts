import { allow } from "#lib/access/rules";
import { requireActor } from "#lib/auth/actor";
import { problemResponse } from "#lib/api/route";
import { toAppError } from "#lib/api/problem";
import { webDb } from "#lib/db/client";
import { scrapeWeb } from "#lib/metrics/queries";
import { CONTENT_TYPE } from "#lib/metrics/rules";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/**
 * For Prometheus, with the key of somebody who may read figures (`authorization: credentials` of its scrape job). Answers
 * without the database, too, when nobody can be told from anybody: then there are no figures but the process's own.
 */
export async function GET(request: Request): Promise<Response> {
  try {
    allow({ actor: await requireActor(webDb(), request.headers) }, "metrics.read");
  } catch (error) {
    if (toAppError(error)?.code !== "UNAVAILABLE") return problemResponse(error);
  }
  return new Response(await scrapeWeb(() => ({ db: webDb(), actor: { kind: "worker", name: "metrics" } })), { headers: { "Content-Type": CONTENT_TYPE, "Cache-Control": "no-store" } });
}
