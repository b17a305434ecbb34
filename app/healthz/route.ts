import { liveness } from "#lib/live/health";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The process is there, whatever the database does. */
export const GET = (): Response => Response.json(liveness, { headers: { "Cache-Control": "no-store" } });
