import { webDb } from "#lib/db/client";
import { scrapeWeb } from "#lib/metrics/queries";
import { CONTENT_TYPE } from "#lib/metrics/rules";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** For Prometheus. Answers without the database, too: `app_database_up` says which it was. */
export async function GET(): Promise<Response> {
  return new Response(await scrapeWeb(() => ({ db: webDb(), actor: { kind: "worker", name: "metrics" } })), { headers: { "Content-Type": CONTENT_TYPE, "Cache-Control": "no-store" } });
}
