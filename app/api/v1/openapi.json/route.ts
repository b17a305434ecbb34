import { apiDocument } from "#lib/api/openapi";
import { problemResponse } from "#lib/api/route";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The same for everybody, and no secret: it is what the source says. */
export function GET(): Response {
  try {
    return Response.json(apiDocument(), { headers: { "Cache-Control": "no-cache" } });
  } catch (error) {
    return problemResponse(error);
  }
}
